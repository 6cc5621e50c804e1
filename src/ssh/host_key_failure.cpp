#include "ssh/host_key_failure.hpp"

namespace reops::ssh {

Failure host_key_failure(const Leg& leg, const std::string& who, const HostKey& key,
                         KnownHosts::Lookup::Verdict verdict, const std::string& certificate_problem) {
  using Verdict = KnownHosts::Lookup::Verdict;
  const std::string shown = key.fingerprint + " (" + key.type + ")";
  const std::string accept = "(accept-host-key \"" + leg.destination.name + "\")";
  const KnownHosts::Entry* evidence = leg.lookup.evidence(key);
  std::string message;
  if (verdict == Verdict::revoked) {
    message = "HOST KEY OF " + who + " IS REVOKED: it shows " + shown + ", which " + evidence->where +
              " declares stolen or withdrawn. Do not connect; the host needs a new key";
  } else if (verdict == Verdict::changed) {
    message =
        "HOST KEY OF " + who + " HAS CHANGED: it now shows " + shown + ", and " + evidence->where +
        " has another. Someone may be between you and the host. Only if you know that the host has a new "
        "key: ssh-keygen -R '" +
        leg.destination.host_key_name + "' -f " + evidence->where.substr(0, evidence->where.rfind(':')) +
        ", then " + accept;
  } else {
    message = "host key of " + who + " is not in known_hosts: " + shown;
    if (const auto types = leg.lookup.key_types(); !types.empty())
      message += "; on file is another type, " + types.front();
    if (const KnownHosts::Entry* authority = leg.lookup.authority())
      message +=
          "; " + authority->where + " names a certificate authority (@cert-authority) for it, and " +
          (certificate_problem.empty() ? "the host showed no certificate (HostCertificate in its sshd_config)"
                                       : certificate_problem);
    message += " — compare it, then " + accept;
  }
  return {Reason::hostkey, std::move(message)};
}

}  // namespace reops::ssh
