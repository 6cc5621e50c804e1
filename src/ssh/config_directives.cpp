#include "ssh/config_directives.hpp"

#include <algorithm>
#include <array>

namespace reops::ssh {
namespace {

constexpr std::array k_followed = std::to_array<std::string_view>({
    "addressfamily",
    "certificatefile",
    "connecttimeout",
    "globalknownhostsfile",
    "hashknownhosts",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "ignoreunknown",
    "port",
    "proxycommand",
    "proxyjump",
    "serveralivecountmax",
    "serveraliveinterval",
    "user",
    "userknownhostsfile",
});

struct Harmless {
  std::string_view keyword;
  /// The values that change nothing, between spaces; "*" is any value.
  std::string_view values;
};

constexpr std::array k_harmless = std::to_array<Harmless>({
    // Of interactive sessions, prompts and logs, of which we have none.
    {"addkeystoagent", "*"},
    {"batchmode", "*"},
    {"enableescapecommandline", "*"},
    {"escapechar", "*"},
    {"fingerprinthash", "*"},
    {"loglevel", "*"},
    {"logverbose", "*"},
    {"numberofpasswordprompts", "*"},
    {"syslogfacility", "*"},
    {"usekeychain", "*"},
    {"visualhostkey", "*"},
    {"xauthlocation", "*"},
    {"sendenv", "*"},
    // Ways to log in that are never tried, so that forbidding or allowing them is the same.
    {"challengeresponseauthentication", "*"},
    {"gssapiauthentication", "*"},
    {"gssapidelegatecredentials", "no"},
    {"gssapikeyexchange", "no"},
    {"gssapitrustdns", "*"},
    {"hostbasedauthentication", "no"},
    {"kbdinteractiveauthentication", "*"},
    {"kbdinteractivedevices", "*"},
    {"passwordauthentication", "*"},
    {"pubkeyauthentication", "yes"},
    // Connections are kept alive, shared, compressed and limited in time by the engine's own means.
    {"compression", "*"},
    {"connectionattempts", "1"},
    {"controlmaster", "*"},
    {"controlpath", "*"},
    {"controlpersist", "*"},
    {"rekeylimit", "*"},
    {"tcpkeepalive", "*"},
    {"ipqos", "*"},
    // Of forwarding and tunnels, as long as none is asked for.
    {"clearallforwardings", "*"},
    {"exitonforwardfailure", "*"},
    {"forwardagent", "no"},
    {"forwardx11", "no"},
    {"forwardx11timeout", "*"},
    {"forwardx11trusted", "*"},
    {"gatewayports", "*"},
    {"streamlocalbindmask", "*"},
    {"streamlocalbindunlink", "*"},
    {"tunnel", "no"},
    {"tunneldevice", "*"},
    // Only consulted when PermitLocalCommand is on, and that is refused.
    {"localcommand", "*"},
    {"permitlocalcommand", "no"},
    // Host keys: ours are always checked, and a key not on file is always refused.
    {"checkhostip", "no"},
    {"nohostauthenticationforlocalhost", "no"},
    {"stricthostkeychecking", " yes ask accept-new "},
    {"updatehostkeys", "*"},
    {"verifyhostkeydns", "*"},
    // Switched off, or the default.
    {"canonicaldomains", "*"},
    {"canonicalizefallbacklocal", "*"},
    {"canonicalizehostname", "no"},
    {"canonicalizemaxdots", "*"},
    {"canonicalizepermittedcnames", "*"},
    {"forkafterauthentication", "no"},
    {"proxyusefdpass", "no"},
    {"remotecommand", "none"},
    {"requesttty", " no auto "},
    {"sessiontype", "default"},
    {"stdinnull", "no"},
});

struct Hint {
  std::string_view keyword;
  std::string_view text;
};

constexpr std::array k_hints = std::to_array<Hint>({
    {"stricthostkeychecking", "host keys are always checked; accept a new one with accept-host-key"},
    {"forwardagent", "the agent is never forwarded"},
});

}  // namespace

DirectiveKind directive_kind(std::string_view keyword, std::string_view value) {
  if (std::find(k_followed.begin(), k_followed.end(), keyword) != k_followed.end())
    return DirectiveKind::followed;
  for (const Harmless& harmless : k_harmless) {
    if (harmless.keyword != keyword) continue;
    if (harmless.values == "*" || harmless.values == value) return DirectiveKind::harmless;
    const std::size_t found = value.empty() ? std::string_view::npos : harmless.values.find(value);
    const bool listed = found != std::string_view::npos && found > 0 && harmless.values[found - 1] == ' ' &&
                        found + value.size() < harmless.values.size() &&
                        harmless.values[found + value.size()] == ' ';
    return listed ? DirectiveKind::harmless : DirectiveKind::refused;
  }
  return DirectiveKind::refused;
}

std::string_view directive_hint(std::string_view keyword) {
  for (const Hint& hint : k_hints)
    if (hint.keyword == keyword) return hint.text;
  return {};
}

}  // namespace reops::ssh
