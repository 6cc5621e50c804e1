#include "secrets/vault.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/unique_fd.hpp"

namespace reops::secrets {
namespace {

constexpr std::size_t k_largest_file = std::size_t{64} << 20;
constexpr std::size_t k_largest_passphrase = 4096;
constexpr mode_t k_mode = 0600;
constexpr mode_t k_others = 077;
constexpr std::size_t k_number_size = 4;
constexpr std::size_t k_least_masked = 6;
constexpr std::string_view k_mask = "***";

/// Makes the memory of a vault readable while it lives.
class Opened {
 public:
  Opened(LockedBytes& first, LockedBytes& second) : first_(first), second_(second) {
    first_.open();
    second_.open();
  }
  ~Opened() {
    first_.close();
    second_.close();
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

 private:
  LockedBytes& first_;
  LockedBytes& second_;
};

/// One process at a time changes the file.
base::Result<base::UniqueFd> lock_beside(const std::string& path) {
  const std::string lock = path + ".lock";
  base::UniqueFd fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, k_mode));
  if (!fd) return base::errno_error("secrets", "cannot open " + lock, errno);
  while (::flock(fd.get(), LOCK_EX) < 0)
    if (errno != EINTR) return base::errno_error("secrets", "cannot lock " + lock, errno);
  return fd;
}

base::Result<void> check_private(const std::string& path, const char* what) {
  struct stat found {};
  if (::stat(path.c_str(), &found) < 0) return base::errno_error("secrets", "cannot look at " + path, errno);
  if ((found.st_mode & k_others) != 0)
    return base::Error{"secrets/not-private",
                       std::string(what) + " " + path + " may be read by others: chmod 600 " + path +
                           ", and think of its secrets as known.",
                       {{"path", path}}};
  return {};
}

std::size_t number_at(const LockedBytes& content, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, content.data() + at, k_number_size);
  return number;
}

/// Puts a text with its length before it, and returns where the next one begins.
std::size_t put_text(LockedBytes& content, std::size_t at, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::memcpy(content.data() + at, &size, k_number_size);
  if (!text.empty()) std::memcpy(content.data() + at + k_number_size, text.data(), text.size());
  return at + k_number_size + text.size();
}

}  // namespace

base::Result<std::string> Vault::read() const {
  if (auto checked = check_private(path_, "The file of secrets"); !checked) return checked.error();
  return base::read_file(path_, k_largest_file);
}

base::Result<std::unique_ptr<Vault>> Vault::create(const std::string& path, const LockedBytes& passphrase,
                                                   const KeyRecipe& recipe) {
  if (auto made = base::make_folders(base::parent_folder(path)); !made) return made.error();
  auto lock = lock_beside(path);
  if (!lock) return lock.error();
  if (base::file_exists(path))
    return base::Error{
        "secrets/exists", "There is a file of secrets already: " + path + ". Unlock it.", {{"path", path}}};
  std::unique_ptr<Vault> vault(new Vault(path));
  vault->recipe_ = recipe.salted();
  auto key = make_key(passphrase, vault->recipe_);
  if (!key) return key.error();
  vault->key_ = std::move(key).value();
  vault->content_ = LockedBytes(std::size_t{0});
  vault->key_.close();
  vault->content_.close();
  if (auto written = vault->write("", nullptr); !written) return written.error();
  return vault;
}

base::Result<std::unique_ptr<Vault>> Vault::open(const std::string& path, const LockedBytes& passphrase) {
  std::unique_ptr<Vault> vault(new Vault(path));
  if (auto unlocked = vault->unlock(passphrase); !unlocked) return unlocked.error();
  return vault;
}

base::Result<void> Vault::unlock(const LockedBytes& passphrase) {
  auto file = read();
  if (!file) return file.error();
  auto recipe = recipe_of(file.value(), path_);
  if (!recipe) return recipe.error();
  recipe_ = recipe.value();
  auto key = make_key(passphrase, recipe_);
  if (!key) return key.error();
  key_ = std::move(key).value();
  auto loaded = load(file.value());
  key_.close();
  return loaded;
}

// The key is open.
base::Result<void> Vault::load(const std::string& file) {
  auto opened = unseal(file, key_, path_);
  if (!opened) return opened.error();
  LockedBytes content = std::move(opened).value();
  Parts parts;
  const auto text_at = [&](std::size_t& at) -> std::optional<Part> {
    if (content.size() - at < k_number_size) return std::nullopt;
    const Part part{at + k_number_size, number_at(content, at)};
    if (content.size() - part.at < part.size) return std::nullopt;
    at = part.at + part.size;
    return part;
  };
  for (std::size_t at = 0; at < content.size();) {
    const auto name = text_at(at);
    const auto value = name ? text_at(at) : std::nullopt;
    if (!value)
      return base::Error{
          "secrets/corrupt", "What is in the file of secrets " + path_ + " is none.", {{"path", path_}}};
    parts[std::string(content.view().substr(name->at, name->size))] = *value;
  }
  content_ = std::move(content);
  content_.close();
  parts_ = std::move(parts);
  sealed_ = file;
  return {};
}

base::Result<void> Vault::refresh() {
  auto file = read();
  if (!file) return file.error();
  if (file.value() == sealed_) return {};
  auto recipe = recipe_of(file.value(), path_);
  if (!recipe) return recipe.error();
  if (recipe.value() != recipe_)
    return base::Error{
        "secrets/locked",
        "The passphrase of the file of secrets " + path_ + " was changed: (unlock) opens it again.",
        {{"path", path_}}};
  key_.open();
  auto loaded = load(file.value());
  key_.close();
  return loaded;
}

base::Result<std::vector<std::string>> Vault::names() {
  const std::lock_guard guard(mutex_);
  if (auto fresh = refresh(); !fresh) return fresh.error();
  std::vector<std::string> names;
  for (const auto& [name, part] : parts_) names.push_back(name);
  return names;
}

base::Result<bool> Vault::with(const std::string& name, const std::function<void(std::string_view)>& use) {
  const std::lock_guard guard(mutex_);
  if (auto fresh = refresh(); !fresh) return fresh.error();
  const auto found = parts_.find(name);
  if (found == parts_.end()) return false;
  const Opened opened(content_, key_);
  use(content_.view().substr(found->second.at, found->second.size));
  return true;
}

// Called with the file locked, or new.
base::Result<void> Vault::write(const std::string& left_out, const LockedBytes* value) {
  const Opened opened(content_, key_);
  std::size_t size = value ? 2 * k_number_size + left_out.size() + value->size() : 0;
  for (const auto& [name, part] : parts_)
    if (name != left_out) size += 2 * k_number_size + name.size() + part.size;
  LockedBytes content(size);
  std::size_t at = 0;
  for (const auto& [name, part] : parts_) {
    if (name == left_out) continue;
    at = put_text(content, at, name);
    at = put_text(content, at, content_.view().substr(part.at, part.size));
  }
  if (value) {
    at = put_text(content, at, left_out);
    put_text(content, at, value->view());
  }
  return base::write_file_atomic(path_, seal(content, key_, recipe_), k_mode);
}

base::Result<void> Vault::put(const std::string& name, const LockedBytes& value) {
  const std::lock_guard guard(mutex_);
  auto lock = lock_beside(path_);
  if (!lock) return lock.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  if (auto written = write(name, &value); !written) return written.error();
  return refresh();
}

base::Result<bool> Vault::remove(const std::string& name) {
  const std::lock_guard guard(mutex_);
  auto lock = lock_beside(path_);
  if (!lock) return lock.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  if (!parts_.contains(name)) return false;
  if (auto written = write(name, nullptr); !written) return written.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  return true;
}

std::string Vault::masked(std::string_view text) {
  const std::lock_guard guard(mutex_);
  const Opened opened(content_, key_);
  std::vector<std::string_view> wanted;
  for (const auto& [name, part] : parts_)
    if (part.size >= k_least_masked) wanted.push_back(content_.view().substr(part.at, part.size));
  // One may be a part of another.
  std::sort(wanted.begin(), wanted.end(), [](auto a, auto b) { return a.size() > b.size(); });
  std::string result(text);
  for (std::string_view secret : wanted)
    for (std::size_t at = 0; (at = result.find(secret, at)) != std::string::npos; at += k_mask.size())
      result.replace(at, secret.size(), k_mask);
  return result;
}

base::Result<void> Vault::change_passphrase(const LockedBytes& passphrase) {
  const std::lock_guard guard(mutex_);
  auto lock = lock_beside(path_);
  if (!lock) return lock.error();
  if (auto fresh = refresh(); !fresh) return fresh.error();
  const KeyRecipe recipe = recipe_.salted();
  auto key = make_key(passphrase, recipe);
  if (!key) return key.error();
  recipe_ = recipe;
  key_ = std::move(key).value();
  key_.close();
  if (auto written = write("", nullptr); !written) return written.error();
  return refresh();
}

base::Result<LockedBytes> passphrase_in(const std::string& path, bool is_private) {
  if (is_private) {
    if (auto checked = check_private(path, "The key file"); !checked) return checked.error();
  }
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return base::errno_error("secrets", "cannot open " + path, errno);
  LockedBytes text(k_largest_passphrase + 1);
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::errno_error("secrets", "cannot read " + path, errno);
    size += static_cast<std::size_t>(got);
    if (got == 0 || size == text.size()) break;
  }
  if (size > k_largest_passphrase)
    return base::Error{
        "secrets/key-file",
        "The key file " + path + " holds more than " + std::to_string(k_largest_passphrase) + " bytes.",
        {{"path", path}}};
  while (size > 0 && (text.data()[size - 1] == '\n' || text.data()[size - 1] == '\r')) --size;
  if (size == 0)
    return base::Error{"secrets/key-file", "The key file " + path + " is empty.", {{"path", path}}};
  text.truncate(size);
  return text;
}

}  // namespace reops::secrets
