#include "secrets/sealing.hpp"

#include <sodium.h>

#include <cstring>
#include <new>

namespace reops::secrets {
namespace {

constexpr std::string_view k_magic = "REOPSSEC";
constexpr unsigned char k_version = 1;
constexpr std::size_t k_key_size = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t k_nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t k_tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t k_recipe_at = 9;  // after magic and version
constexpr std::size_t k_salt_at = k_recipe_at + 4 + 8;
constexpr std::size_t k_nonce_at = k_salt_at + 16;
constexpr std::size_t k_header_size = k_nonce_at + k_nonce_size;
// What a file may ask for before anything of it is authenticated.
constexpr std::uint32_t k_most_passes = 64;
constexpr std::uint64_t k_most_memory = std::uint64_t{2} << 30;

static_assert(sizeof(KeyRecipe::salt) == crypto_pwhash_SALTBYTES);

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

std::uint64_t number_at(std::string_view file, std::size_t at, int bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < bytes; ++i)
    number |= std::uint64_t{static_cast<unsigned char>(file[at + static_cast<std::size_t>(i)])} << (8 * i);
  return number;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

base::Error corrupt(const std::string& path, const std::string& what) {
  return {"secrets/corrupt",
          "The file of secrets " + path + " is damaged: " + what + ". Put a copy of it back.",
          {{"path", path}}};
}

}  // namespace

KeyRecipe KeyRecipe::salted() const {
  KeyRecipe recipe = *this;
  if (sodium_init() < 0) throw std::bad_alloc();
  randombytes_buf(recipe.salt.data(), recipe.salt.size());
  return recipe;
}

base::Result<LockedBytes> make_key(const LockedBytes& passphrase, const KeyRecipe& recipe) {
  LockedBytes key(k_key_size);
  if (crypto_pwhash(key.data(), key.size(), passphrase.view().data(), passphrase.size(), recipe.salt.data(),
                    recipe.passes, recipe.memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return base::Error{"secrets/memory",
                       "A key takes " + std::to_string(recipe.memory >> 20) +
                           " MiB of memory to be made of its passphrase, and there is not so much.",
                       {}};
  }
  return key;
}

std::string seal(const LockedBytes& content, const LockedBytes& key, const KeyRecipe& recipe) {
  std::string file(k_magic);
  file += static_cast<char>(k_version);
  put_number(file, recipe.passes, 4);
  put_number(file, recipe.memory, 8);
  file.append(reinterpret_cast<const char*>(recipe.salt.data()), recipe.salt.size());
  std::array<unsigned char, k_nonce_size> nonce;
  randombytes_buf(nonce.data(), nonce.size());
  file.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  std::string sealed(content.size() + k_tag_size, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(sealed.data()), nullptr,
                                             content.data(), content.size(), bytes_of(file), file.size(),
                                             nullptr, nonce.data(), key.data());
  return file + sealed;
}

base::Result<KeyRecipe> recipe_of(std::string_view file, const std::string& path) {
  if (!file.starts_with(k_magic)) return corrupt(path, "it does not begin as one");
  if (file.size() < k_header_size + k_tag_size) return corrupt(path, "its end is missing");
  if (static_cast<unsigned char>(file[k_magic.size()]) > k_version)
    return base::Error{"secrets/newer",
                       "The file of secrets " + path + " was written by a later release. Use that release.",
                       {{"path", path}}};
  KeyRecipe recipe;
  recipe.passes = static_cast<std::uint32_t>(number_at(file, k_recipe_at, 4));
  recipe.memory = number_at(file, k_recipe_at + 4, 8);
  std::memcpy(recipe.salt.data(), file.data() + k_salt_at, recipe.salt.size());
  if (recipe.passes < crypto_pwhash_OPSLIMIT_MIN || recipe.passes > k_most_passes ||
      recipe.memory < crypto_pwhash_MEMLIMIT_MIN || recipe.memory > k_most_memory)
    return corrupt(path, "it asks for what no release does");
  return recipe;
}

base::Result<LockedBytes> unseal(std::string_view file, const LockedBytes& key, const std::string& path) {
  if (auto recipe = recipe_of(file, path); !recipe) return recipe.error();
  const std::string_view sealed = file.substr(k_header_size);
  LockedBytes content(sealed.size() - k_tag_size);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(content.data(), nullptr, nullptr, bytes_of(sealed),
                                                 sealed.size(), bytes_of(file), k_header_size,
                                                 bytes_of(file.substr(k_nonce_at)), key.data()) != 0)
    return base::Error{"secrets/passphrase",
                       "The passphrase is not that of the file of secrets " + path +
                           ", or the file was changed by somebody else.",
                       {{"path", path}}};
  return content;
}

}  // namespace reops::secrets
