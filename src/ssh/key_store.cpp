#include "ssh/key_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>

#include "base/files.hpp"
#include "ssh/base64.hpp"
#include "ssh/wire_reader.hpp"

namespace reops::ssh {
namespace {

constexpr std::size_t k_largest_key_file = 1 << 20;

// The name of the cipher follows the magic word in OpenSSH's own format, as
// a length and text; "none" is no cipher.
bool openssh_format_is_encrypted(std::string_view pem) {
  constexpr std::string_view k_begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  constexpr std::string_view k_magic("openssh-key-v1\0", 15);
  const std::size_t begin = pem.find(k_begin);
  const std::size_t end = pem.find("-----END", begin == std::string_view::npos ? 0 : begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return false;
  const auto bytes = base64_decode(pem.substr(begin + k_begin.size(), end - begin - k_begin.size()));
  if (!bytes || !bytes->starts_with(k_magic)) return false;
  constexpr std::string_view k_no_cipher("\0\0\0\4none", 8);
  return bytes->compare(k_magic.size(), k_no_cipher.size(), k_no_cipher) != 0;
}

bool is_encrypted(std::string_view pem) {
  return pem.find("ENCRYPTED") != std::string_view::npos || openssh_format_is_encrypted(pem);
}

// Asked for a passphrase, libssh would otherwise read one from the terminal.
int no_passphrase(const char*, char*, std::size_t, int, int, void*) { return -1; }

void complain(Identity& identity, Identity::Problem problem, const std::string& what) {
  identity.problem = problem;
  identity.complaint = identity.path + " " + what;
}

bool readable_by_others(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && info.st_uid == ::geteuid() && (info.st_mode & 077) != 0;
}

void read_into(Identity& identity) {
  using Problem = Identity::Problem;
  const base::Result<std::string> pem = base::read_file(identity.path, k_largest_key_file);
  if (!pem && pem.error().type == "file/not-found")
    return complain(identity, Problem::missing, "does not exist");
  if (!pem) {
    identity.problem = Problem::unreadable;
    identity.complaint = pem.error().message;
    return;
  }
  if (readable_by_others(identity.path))
    return complain(identity, Problem::exposed,
                    "can be read by other users, so it is not used; make it yours alone with: chmod 600 " +
                        identity.path);
  ssh_key key = nullptr;
  if (ssh_pki_import_privkey_base64(pem.value().c_str(), nullptr, no_passphrase, nullptr, &key) == SSH_OK) {
    identity.key.reset(key);
    identity.type = to_string(ssh_key_type_to_char(ssh_key_type(key)));
    if (identity.type.starts_with("sk-")) {
      identity.key.reset();
      complain(identity, Problem::hardware,
               "is kept on a security key; add it to the ssh-agent with ssh-add");
    }
    return;
  }
  if (is_encrypted(pem.value()))
    return complain(identity, Problem::encrypted,
                    "is protected by a passphrase; add it to the ssh-agent with: ssh-add " + identity.path);
  complain(identity, Problem::unsupported, "is not a private key that libssh can read");
}

// A certificate has the fields of the public key after its type and a nonce. (libssh's own comparison takes a
// certificate and its key for different ones.)
bool is_certificate_of(ssh_key certificate, ssh_key key) {
  char* texts[2] = {};
  if (ssh_pki_export_pubkey_base64(key, &texts[0]) != SSH_OK) return false;
  const auto plain = base64_decode(take_string(texts[0]));
  if (ssh_pki_export_pubkey_base64(certificate, &texts[1]) != SSH_OK) return false;
  const auto signed_blob = base64_decode(take_string(texts[1]));
  if (!plain || !signed_blob) return false;
  WireReader fields(*plain);
  fields.text();
  WireReader signed_fields(*signed_blob);
  signed_fields.text();
  signed_fields.text();
  return fields.has_more() && signed_fields.rest().starts_with(fields.rest());
}

std::shared_ptr<const Identity> certified(const Identity& bare, const std::string& certificate) {
  ssh_key raw = nullptr;
  if (bare.key == nullptr || ssh_pki_import_cert_file(certificate.c_str(), &raw) != SSH_OK) return nullptr;
  const KeyHandle signed_key(raw);
  if (!is_certificate_of(signed_key.get(), bare.key.get())) return nullptr;
  auto identity = std::make_shared<Identity>();
  identity->path = bare.path;
  // A key of its own, because the certificate becomes part of it.
  identity->key.reset(ssh_key_dup(bare.key.get()));
  if (identity->key == nullptr ||
      ssh_pki_copy_cert_to_privkey(signed_key.get(), identity->key.get()) != SSH_OK)
    return nullptr;
  identity->type = to_string(ssh_key_type_to_char(ssh_key_type(signed_key.get())));
  return identity;
}

}  // namespace

KeyStore::Stamp KeyStore::stamp_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) < 0) return {};
  return {info.st_dev,  info.st_ino,         static_cast<std::uint64_t>(info.st_size),
          info.st_mode, info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
}

std::shared_ptr<const Identity> KeyStore::load(const std::string& path) {
  Entry& known = identities_[path];
  const Stamp stamp = stamp_of(path);
  if (known.identity == nullptr || known.stamp != stamp) {
    auto identity = std::make_shared<Identity>();
    identity->path = path;
    read_into(*identity);
    known = {stamp, std::move(identity)};
  }
  return known.identity;
}

void KeyStore::keep(std::shared_ptr<const Identity> identity) {
  const std::string path = identity->path;
  identities_[path] = {stamp_of(path), std::move(identity)};
}

std::shared_ptr<const Identity> KeyStore::unlocked(const std::string& path, const std::string& passphrase) {
  ssh_key key = nullptr;
  if (ssh_pki_import_privkey_file(path.c_str(), passphrase.c_str(), no_passphrase, nullptr, &key) != SSH_OK)
    return nullptr;
  auto identity = std::make_shared<Identity>();
  identity->path = path;
  identity->key.reset(key);
  identity->type = to_string(ssh_key_type_to_char(ssh_key_type(key)));
  return identity;
}

std::shared_ptr<const Identity> KeyStore::load(const std::string& path, const std::string& certificate) {
  const Stamp stamp = stamp_of(certificate);
  if (stamp == Stamp{}) return nullptr;
  const std::shared_ptr<const Identity> bare = load(path);
  // A byte that is in no path keeps the two apart.
  Entry& known = identities_[path + '\0' + certificate];
  if (known.stamp != stamp || known.of != bare) known = {stamp, certified(*bare, certificate), bare};
  return known.identity;
}

}  // namespace reops::ssh
