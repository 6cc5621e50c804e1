#pragma once
// Vault: secrets by their names, in one sealed file (sealing.hpp) that its user alone may read. Every change
// replaces the file as a whole. Several processes may have it open: each sees what the others have changed.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "secrets/locked_bytes.hpp"
#include "secrets/sealing.hpp"

namespace reops::secrets {

/// Any thread may call.
class Vault {
 public:
  /// A new file, without secrets; an error when there is one.
  static base::Result<std::unique_ptr<Vault>> create(const std::string& path, const LockedBytes& passphrase,
                                                     const KeyRecipe& recipe = {});
  static base::Result<std::unique_ptr<Vault>> open(const std::string& path, const LockedBytes& passphrase);

  base::Result<std::vector<std::string>> names();
  /// Calls `use` with a secret, which is gone when it returns; false when there is none.
  base::Result<bool> with(const std::string& name, const std::function<void(std::string_view)>& use);
  base::Result<void> put(const std::string& name, const LockedBytes& value);
  /// Whether it was there.
  base::Result<bool> remove(const std::string& name);
  /// A text with *** in the place of each secret that would not be found everywhere; without a look at the
  /// file.
  std::string masked(std::string_view text);
  /// Under a new key; others who have the file open have to open it again.
  base::Result<void> change_passphrase(const LockedBytes& passphrase);

  const std::string& path() const { return path_; }

 private:
  explicit Vault(std::string path) : path_(std::move(path)) {}
  /// Where a secret is in the content.
  struct Part {
    std::size_t at = 0;
    std::size_t size = 0;
  };
  using Parts = std::map<std::string, Part>;
  base::Result<void> unlock(const LockedBytes& passphrase);
  base::Result<void> load(const std::string& file);
  base::Result<void> refresh();
  /// Writes the secrets without `left_out`, and with a new one.
  base::Result<void> write(const std::string& left_out, const LockedBytes* value);
  base::Result<std::string> read() const;

  const std::string path_;
  std::mutex mutex_;  // guards what follows
  KeyRecipe recipe_;
  LockedBytes key_;
  LockedBytes content_;
  Parts parts_;
  std::string sealed_;  // the file as it was read last
};

/// The passphrase in a file: all of it, without the ends of lines behind it. With `is_private`, an error when
/// others than its user may read it.
base::Result<LockedBytes> passphrase_in(const std::string& path, bool is_private);

}  // namespace reops::secrets
