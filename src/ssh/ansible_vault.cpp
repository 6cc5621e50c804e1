#include "ssh/ansible_vault.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>
#include <optional>

#include "ssh/host_pattern.hpp"

namespace reops::ssh {
namespace {

// As Ansible documents its format 1.1 and 1.2: a key for the cipher, one for the seal, and where the counter
// begins.
constexpr int k_rounds = 10'000;
constexpr std::size_t k_key_size = 32;
constexpr std::size_t k_counter_size = 16;
constexpr std::size_t k_block_size = 16;

base::Error vault_error(const std::string& message) { return base::Error{"ssh/vault", message, {}}; }

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const int digit = lower >= '0' && lower <= '9'   ? lower - '0'
                      : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                     : -1;
    if (digit < 0) return std::nullopt;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high * 16 + digit));
      high = -1;
    }
  }
  if (high >= 0) return std::nullopt;
  return bytes;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

std::optional<std::string> decrypt_counted(const unsigned char* key, const unsigned char* counter,
                                           std::string_view sealed) {
  const std::unique_ptr<EVP_CIPHER_CTX, CipherFree> context(EVP_CIPHER_CTX_new());
  std::string text(sealed.size(), '\0');
  int size = 0;
  if (context == nullptr ||
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, key, counter) != 1 ||
      EVP_DecryptUpdate(context.get(), reinterpret_cast<unsigned char*>(text.data()), &size, bytes_of(sealed),
                        static_cast<int>(sealed.size())) != 1)
    return std::nullopt;
  // The last block is filled up with bytes that say how many they are.
  const std::size_t filling = text.empty() ? 0 : static_cast<unsigned char>(text.back());
  if (filling == 0 || filling > k_block_size || filling > text.size()) return std::nullopt;
  text.resize(text.size() - filling);
  return text;
}

}  // namespace

base::Result<std::string> decrypt_vault(std::string_view text, std::string_view password) {
  const std::size_t end = text.find('\n');
  const std::vector<std::string> header = split_list(text.substr(0, end), ';');
  if (end == std::string_view::npos || header.size() < 3 || header[0] != "$ANSIBLE_VAULT")
    return vault_error("this is nothing that ansible-vault has encrypted");
  if ((header[1] != "1.1" && header[1] != "1.2") || !header[2].starts_with("AES256"))
    return vault_error("encrypted as " + header[1] + ";" + header[2] +
                       ", and only 1.1;AES256 and 1.2;AES256 are understood");
  // Salt, seal and text, each as hexadecimal digits, and all of it once more.
  const auto outer = from_hex(text.substr(end + 1));
  const std::vector<std::string> fields = outer ? split_list(*outer, '\n') : std::vector<std::string>();
  const auto salt = fields.size() == 3 ? from_hex(fields[0]) : std::nullopt;
  const auto seal = fields.size() == 3 ? from_hex(fields[1]) : std::nullopt;
  const auto sealed = fields.size() == 3 ? from_hex(fields[2]) : std::nullopt;
  if (!salt || !seal || !sealed) return vault_error("what ansible-vault has encrypted is damaged");
  std::array<unsigned char, 2 * k_key_size + k_counter_size> keys{};
  std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
  unsigned int size = 0;
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(*salt),
                        static_cast<int>(salt->size()), k_rounds, EVP_sha256(), static_cast<int>(keys.size()),
                        keys.data()) != 1 ||
      HMAC(EVP_sha256(), keys.data() + k_key_size, k_key_size, bytes_of(*sealed), sealed->size(),
           expected.data(), &size) == nullptr)
    return vault_error("the system's cryptography gives no key for a vault");
  if (seal->size() != size || CRYPTO_memcmp(seal->data(), expected.data(), size) != 0)
    return vault_error("the vault password is not the right one, or the text was changed");
  auto opened = decrypt_counted(keys.data(), keys.data() + 2 * k_key_size, *sealed);
  OPENSSL_cleanse(keys.data(), keys.size());
  if (!opened) return vault_error("what ansible-vault has encrypted is damaged");
  return std::move(*opened);
}

}  // namespace reops::ssh
