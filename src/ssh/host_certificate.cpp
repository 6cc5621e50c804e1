#include "ssh/host_certificate.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "ssh/base64.hpp"
#include "ssh/ssh_signature.hpp"
#include "ssh/wire_reader.hpp"

namespace reops::ssh {
namespace {

constexpr std::uint32_t k_host_certificate = 2;

/// The kinds of certificates, the kind of key that each certifies, and how many fields that has.
struct Kind {
  std::string_view certificate;
  std::string_view key;
  int fields;
};
constexpr Kind k_kinds[] = {
    {"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", 1},
    {"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256", 2},
    {"ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384", 2},
    {"ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521", 2},
    {"ssh-rsa-cert-v01@openssh.com", "ssh-rsa", 2},
};

std::string day_of(std::uint64_t seconds) {
  return base::iso_instant(static_cast<std::int64_t>(seconds) * 1000).substr(0, 10);
}

}  // namespace

std::optional<HostCertificate> HostCertificate::parse(std::string_view blob) {
  WireReader reader(blob);
  const std::string_view type = reader.text();
  const auto kind = std::find_if(std::begin(k_kinds), std::end(k_kinds),
                                 [&](const Kind& k) { return k.certificate == type; });
  if (kind == std::end(k_kinds)) return std::nullopt;
  HostCertificate made;
  made.key_type = kind->key;
  reader.text();  // the nonce
  std::string key = wire_text(kind->key);
  for (int i = 0; i < kind->fields; ++i) key += wire_text(reader.text());
  made.key_base64 = base64_encode(key);
  reader.number64();  // the serial
  made.is_of_host = reader.number() == k_host_certificate;
  made.id = reader.text();
  for (WireReader names(reader.text()); names.has_more() && names.is_good();)
    made.principals.emplace_back(names.text());
  made.valid_after = reader.number64();
  made.valid_before = reader.number64();
  made.has_critical_options = !reader.text().empty();
  reader.text();  // extensions
  reader.text();  // reserved
  made.authority = reader.text();
  made.signed_part = blob.substr(0, blob.size() - reader.rest().size());
  made.signature = reader.text();
  if (!reader.is_good() || reader.has_more()) return std::nullopt;
  return made;
}

bool signature_holds(const HostCertificate& certificate) {
  return verify_signature(certificate.authority, certificate.signature, certificate.signed_part);
}

std::string certificate_problem(const HostCertificate& certificate, const Leg& leg, const HostKey& key,
                                std::int64_t now_ms) {
  const std::string& name = leg.destination.certified_name;
  const std::string what = "its certificate \"" + certificate.id + "\" ";
  const std::string authority = base64_encode(certificate.authority);
  if (certificate.key_base64 != key.base64) return what + "is of another key";
  if (leg.lookup.revokes(authority)) return what + "is of an authority that known_hosts declares revoked";
  if (leg.lookup.authority(authority) == nullptr)
    return what + "is of an authority that known_hosts does not have for it";
  if (!certificate.is_of_host) return what + "is one of a user";
  if (!signature_holds(certificate)) return what + "is not signed by its authority";
  const auto& names = certificate.principals;
  if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
    std::string all;
    for (const std::string& one : names) all += (all.empty() ? "" : ", ") + one;
    return what + "is of " + all + ", not of " + name;
  }
  const auto now = static_cast<std::uint64_t>(now_ms / 1000);
  if (now < certificate.valid_after) return what + "is not valid before " + day_of(certificate.valid_after);
  if (now >= certificate.valid_before) return what + "was valid until " + day_of(certificate.valid_before);
  if (certificate.has_critical_options) return what + "has critical options, and none is known of hosts";
  return "";
}

const HostCertificate* HostCertificates::find(const std::string& host_key_name) const {
  const auto found = certificates_.find(host_key_name);
  return found == certificates_.end() ? nullptr : &found->second;
}

void HostCertificates::keep(const std::string& host_key_name, HostCertificate certificate) {
  certificates_.insert_or_assign(host_key_name, std::move(certificate));
}

std::string HostCertificates::certifier(const Leg& leg, const HostKey& key) const {
  const HostCertificate* certificate = find(leg.destination.host_key_name);
  if (certificate == nullptr || !certificate_problem(*certificate, leg, key, base::unix_millis()).empty())
    return "";
  return leg.lookup.authority(base64_encode(certificate->authority))->where;
}

}  // namespace reops::ssh
