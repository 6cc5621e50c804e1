#include "ssh/known_hosts.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "ssh/base64.hpp"
#include "ssh/host_pattern.hpp"

namespace reops::ssh {
namespace {

constexpr std::string_view k_hash_magic = "|1|";
constexpr std::size_t k_sha1_size = 20;

std::string hmac_sha1(const std::string& salt, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (HMAC(EVP_sha1(), salt.data(), static_cast<int>(salt.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size) == nullptr)
    return {};
  return std::string(reinterpret_cast<const char*>(digest.data()), size);
}

std::vector<std::string> words_of(std::string_view line) {
  std::string spaced(line);
  std::replace(spaced.begin(), spaced.end(), '\t', ' ');
  std::replace(spaced.begin(), spaced.end(), '\r', ' ');
  return split_list(spaced, ' ');
}

bool names_only_hosts(const std::vector<std::string>& patterns) {
  return std::none_of(patterns.begin(), patterns.end(), [](const std::string& pattern) {
    return pattern.find_first_of("*?") != std::string::npos || pattern.starts_with('!');
  });
}

// "|1|salt|hash" into the entry's salt and hash.
bool parse_hashed(std::string_view field, KnownHosts::Entry& entry) {
  const std::vector<std::string> parts = split_list(field.substr(k_hash_magic.size()), '|');
  if (parts.size() != 2) return false;
  const auto salt = base64_decode(parts[0]);
  const auto hash = base64_decode(parts[1]);
  if (!salt || !hash || salt->size() != k_sha1_size || hash->size() != k_sha1_size) return false;
  entry.salt = *salt;
  entry.hash = *hash;
  return true;
}

bool parse_line(std::vector<std::string> words, KnownHosts::Entry& entry) {
  if (words[0].starts_with('@')) {
    if (words[0] == "@revoked")
      entry.marker = KnownHosts::Marker::revoked;
    else if (words[0] == "@cert-authority")
      entry.marker = KnownHosts::Marker::cert_authority;
    else
      return false;
    words.erase(words.begin());
  }
  if (words.size() < 3) return false;
  if (words[0].starts_with(k_hash_magic)) {
    if (!parse_hashed(words[0], entry)) return false;
  } else {
    entry.patterns = split_list(to_lower(words[0]), ',');
  }
  entry.type = words[1];
  const auto key = base64_decode(words[2]);
  if (!key || key->empty()) return false;
  // Written anew, so that keys can be compared as text.
  entry.base64 = base64_encode(*key);
  return true;
}

bool applies(const KnownHosts::Entry& entry, const std::string& name) {
  if (!entry.patterns.empty()) return matches_patterns(entry.patterns, name);
  return hmac_sha1(entry.salt, name) == entry.hash;
}

}  // namespace

std::string known_hosts_name(std::string_view host, unsigned port) {
  const std::string lower = to_lower(host);
  return port == 22 ? lower : "[" + lower + "]:" + std::to_string(port);
}

base::Result<std::shared_ptr<const KnownHosts>> KnownHosts::load(const std::vector<std::string>& files) {
  auto loaded = std::make_shared<KnownHosts>();
  for (const std::string& file : files)
    if (base::Result<void> added = loaded->add_file(file); !added) return added.take_error();
  return std::shared_ptr<const KnownHosts>(std::move(loaded));
}

base::Result<void> KnownHosts::add_file(const std::string& path) {
  base::Result<std::string> text = base::read_file(path);
  if (!text && text.error().type == "file/not-found") return {};
  if (!text) return text.take_error();
  std::size_t number = 0;
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    ++number;
    std::vector<std::string> words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    auto entry = std::make_unique<Entry>();
    entry->where = path + ":" + std::to_string(number);
    const bool is_marked = words[0].starts_with('@');
    if (!parse_line(std::move(words), *entry)) {
      // A broken line for trust is merely no trust. A broken line against it must not be passed over.
      if (!is_marked) continue;
      return base::Error{"ssh/known-hosts",
                         entry->where + ": cannot understand this line; correct it or remove it",
                         {{"path", path}}};
    }
    if (entry->marker == Marker::cert_authority) has_authorities_ = true;
    if (!entry->patterns.empty() && names_only_hosts(entry->patterns))
      for (const std::string& name : entry->patterns) by_name_[name].push_back(entry.get());
    else
      by_search_.push_back(entry.get());
    entries_.push_back(std::move(entry));
  }
  return {};
}

std::vector<const KnownHosts::Entry*> KnownHosts::entries_of(const std::string& name) const {
  std::vector<const Entry*> entries;
  if (const auto found = by_name_.find(name); found != by_name_.end()) entries = found->second;
  for (const Entry* entry : by_search_)
    if (applies(*entry, name)) entries.push_back(entry);
  return entries;
}

KnownHosts::Lookup KnownHosts::look_up(const std::string& host_key_name,
                                       const std::string& certified_name) const {
  Lookup lookup;
  lookup.entries_ = entries_of(host_key_name);
  if (certified_name.empty() || certified_name == host_key_name || !has_authorities_) return lookup;
  for (const Entry* entry : entries_of(certified_name))
    if (entry->marker == Marker::cert_authority) lookup.entries_.push_back(entry);
  return lookup;
}

const KnownHosts::Entry* KnownHosts::Lookup::evidence(const HostKey& key) const {
  const Entry* same = nullptr;
  const Entry* other = nullptr;
  for (const Entry* entry : entries_) {
    if (entry->marker == Marker::cert_authority) continue;
    const bool equal = entry->base64 == key.base64;
    if (entry->marker == Marker::revoked) {
      if (equal) return entry;
    } else if (equal) {
      same = entry;
    } else if (entry->type == key.type) {
      other = entry;
    }
  }
  return same != nullptr ? same : other;
}

KnownHosts::Lookup::Verdict KnownHosts::Lookup::check(const HostKey& key) const {
  const Entry* entry = evidence(key);
  if (entry == nullptr) return Verdict::unknown;
  if (entry->marker == Marker::revoked) return Verdict::revoked;
  return entry->base64 == key.base64 ? Verdict::known : Verdict::changed;
}

std::vector<std::string> KnownHosts::Lookup::key_types() const {
  std::vector<std::string> types;
  for (const Entry* entry : entries_)
    if (entry->marker == Marker::none && std::find(types.begin(), types.end(), entry->type) == types.end())
      types.push_back(entry->type);
  return types;
}

const KnownHosts::Entry* KnownHosts::Lookup::authority() const {
  for (const Entry* entry : entries_)
    if (entry->marker == Marker::cert_authority) return entry;
  return nullptr;
}

const KnownHosts::Entry* KnownHosts::Lookup::authority(const std::string& base64) const {
  for (const Entry* entry : entries_)
    if (entry->marker == Marker::cert_authority && entry->base64 == base64) return entry;
  return nullptr;
}

bool KnownHosts::Lookup::revokes(const std::string& base64) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry* entry) {
    return entry->marker == Marker::revoked && entry->base64 == base64;
  });
}

base::Result<std::string> known_hosts_line(const std::string& host_key_name, const HostKey& key,
                                           bool hashed) {
  std::string name = host_key_name;
  if (hashed) {
    std::string salt(k_sha1_size, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) != 1)
      return base::Error{"ssh/random", "the system gives no random bytes for known_hosts", {}};
    name = std::string(k_hash_magic) + base64_encode(salt) + "|" + base64_encode(hmac_sha1(salt, name));
  }
  return name + " " + key.type + " " + key.base64 + "\n";
}

}  // namespace reops::ssh
