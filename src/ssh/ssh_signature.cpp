#include "ssh/ssh_signature.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string>

#include "ssh/wire_reader.hpp"

namespace reops::ssh {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BIGNUM, BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM, OSSL_PARAM_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG, ECDSA_SIG_free>>;

// Longer numbers are no keys but an attempt to keep us busy.
constexpr std::size_t k_longest_number = 2049;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view bytes) {
  if (bytes.size() > k_longest_number) return nullptr;
  return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key key_from(const char* kind, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return Key(key);
}

Key rsa_key(WireReader& fields) {
  const Number e = number_of(fields.text());
  const Number n = number_of(fields.text());
  const Builder builder(OSSL_PARAM_BLD_new());
  if (e == nullptr || n == nullptr || builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return key_from("RSA", builder.get());
}

Key ec_key(WireReader& fields, const char* group) {
  fields.text();  // the curve, which the kind has named already
  const std::string_view point = fields.text();
  const Builder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1)
    return nullptr;
  return key_from("EC", builder.get());
}

// What the protocol has as two numbers, OpenSSL wants as DER.
std::string ec_signature(std::string_view blob) {
  WireReader numbers(blob);
  Number r = number_of(numbers.text());
  Number s = number_of(numbers.text());
  const EcSignature signature(ECDSA_SIG_new());
  if (!numbers.is_good() || r == nullptr || s == nullptr || signature == nullptr ||
      ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
    return "";
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool verify(EVP_PKEY* key, const EVP_MD* digest, std::string_view signature, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  return key != nullptr && context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

}  // namespace

bool verify_signature(std::string_view key, std::string_view signature, std::string_view text) {
  WireReader fields(key);
  const std::string_view key_kind = fields.text();
  WireReader parts(signature);
  const std::string_view kind = parts.text();
  const std::string_view bytes = parts.text();
  if (!parts.is_good()) return false;
  if (key_kind == "ssh-ed25519" && kind == key_kind) {
    const std::string_view point = fields.text();
    const Key made(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(point), point.size()));
    return verify(made.get(), nullptr, bytes, text);
  }
  if (key_kind == "ssh-rsa" && (kind == "rsa-sha2-256" || kind == "rsa-sha2-512")) {
    const Key made = rsa_key(fields);
    // One that begins with zeros may be written without them.
    const auto size = made != nullptr ? static_cast<std::size_t>(EVP_PKEY_get_size(made.get())) : 0;
    const std::string filled = std::string(size > bytes.size() ? size - bytes.size() : 0, '\0').append(bytes);
    return verify(made.get(), kind == "rsa-sha2-256" ? EVP_sha256() : EVP_sha512(), filled, text);
  }
  constexpr struct {
    std::string_view kind;
    const char* group;
    const EVP_MD* (*digest)();
  } k_curves[] = {{"ecdsa-sha2-nistp256", "P-256", EVP_sha256},
                  {"ecdsa-sha2-nistp384", "P-384", EVP_sha384},
                  {"ecdsa-sha2-nistp521", "P-521", EVP_sha512}};
  for (const auto& curve : k_curves)
    if (key_kind == curve.kind && kind == key_kind)
      return verify(ec_key(fields, curve.group).get(), curve.digest(), ec_signature(bytes), text);
  return false;
}

}  // namespace reops::ssh
