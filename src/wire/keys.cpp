#include "wire/keys.hpp"

#include <sys/stat.h>
#include <zmq.h>

#include <array>

#include "base/files.hpp"

namespace reops::wire {
namespace {

constexpr size_t k_length = 40;

base::Error unusable(const std::string& path, const std::string& why) {
  return {"wire/bad-key-file", "The key file " + path + " " + why, {{"file", path}}};
}

}  // namespace

bool is_key(std::string_view text) {
  std::array<uint8_t, 32> raw{};
  return text.size() == k_length && zmq_z85_decode(raw.data(), std::string(text).c_str()) != nullptr;
}

KeyPair make_keys() {
  std::array<char, k_length + 1> open{}, secret{};
  zmq_curve_keypair(open.data(), secret.data());
  return {open.data(), secret.data()};
}

base::Result<KeyPair> keys_in(const std::string& path) {
  if (!base::file_exists(path)) {
    KeyPair made = make_keys();
    if (auto folder = base::make_folders(base::parent_folder(path)); !folder) return folder.take_error();
    if (auto written = base::write_file_atomic(path, made.open + "\n" + made.secret + "\n", 0600); !written)
      return written.take_error();
    return made;
  }
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    return unusable(path, "may be read by others: chmod 600 " + path +
                              ", and if they may have read it, delete it, so that a new key is made");
  auto text = base::read_file(path, 4096);
  if (!text) return text.take_error();
  const std::string& all = text.value();
  KeyPair keys{all.substr(0, k_length), all.size() > k_length ? all.substr(k_length + 1, k_length) : ""};
  if (!is_key(keys.open) || !is_key(keys.secret))
    return unusable(path, "holds no pair of keys: delete it, and a new one is made");
  std::array<char, k_length + 1> derived{};
  if (zmq_curve_public(derived.data(), keys.secret.c_str()) != 0 || keys.open != derived.data())
    return unusable(path, "is damaged, its two keys are no pair: delete it, and a new one is made");
  return keys;
}

}  // namespace reops::wire
