// What is mounted, and how full it is.

#include <sys/statvfs.h>

#include <algorithm>
#include <map>

#include "base/files.hpp"
#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/text.hpp"

namespace reops::facts {
namespace {

// Where a machine that is gone would keep us waiting: their sizes are not asked for.
constexpr std::string_view k_remote[] = {"nfs", "nfs4", "cifs",      "smb3",  "9p",
                                         "afs", "ceph", "glusterfs", "lustre"};

bool is_remote(std::string_view type) {
  return type.starts_with("fuse.") ||
         std::find(std::begin(k_remote), std::end(k_remote), type) != std::end(k_remote);
}

// A line for each mount: size of a block, blocks, free, available, files, free files, the path as it stands
// in /proc/mounts.
std::string sizes_here() {
  auto mounts = base::read_file("/proc/mounts");
  if (!mounts) return {};
  std::string text;
  std::string_view rest = mounts.value();
  for (std::string_view line; next_line(rest, line);) {
    std::vector<std::string_view> said = words(line);
    struct statvfs found {};
    if (said.size() < 3 || is_remote(said[2]) || statvfs(unescaped(said[1]).c_str(), &found) != 0) continue;
    for (unsigned long n :
         {found.f_frsize, found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree})
      text += std::to_string(n) + " ";
    text.append(said[1]) += "\n";
  }
  return text;
}

// Blanks in paths stand as \040.
constexpr const char* k_sizes_shell =
    R"sh(while read -r d m t o; do
case $t in nfs|nfs4|cifs|smb3|9p|afs|ceph|glusterfs|lustre|fuse.*) continue;; esac
case $m in *\\*) p=$(printf '%b' "$(printf '%s\n' "$m" | sed 's/\\/\\0/g')");; *) p=$m;; esac
n=$(stat -f -c '%S %b %f %a %c %d' "$p") && printf '%s %s\n' "$n" "$m"
done </proc/mounts)sh";

constexpr Need k_needs[] = {{Need::file, "/proc/mounts"}, {Need::probe, "sizes", k_sizes_shell, sizes_here}};

struct Size {
  std::optional<int64_t> block, blocks, free, available, files, free_files;
};

using Sizes = std::map<std::string_view, Size>;

Sizes sizes_of(const Reading& now) {
  Sizes sizes;
  std::string_view rest = now.text("sizes");
  // The last that is mounted there hides the others.
  for (std::string_view line; next_line(rest, line);) {
    std::vector<std::string_view> said = words(line);
    if (said.size() == 7)
      sizes[said[6]] = {number(said[0]), number(said[1]), number(said[2]),
                        number(said[3]), number(said[4]), number(said[5])};
  }
  return sizes;
}

void put_sizes(Fields& mount, const Size& size) {
  auto bytes = [&](std::optional<int64_t> blocks) {
    return size.block ? times(blocks, *size.block) : blocks;
  };
  auto all = bytes(size.blocks), free = bytes(size.free), available = bytes(size.available);
  mount.number("size", all);
  if (!all || !free || !available) return;
  int64_t used = std::max<int64_t>(0, *all - *free);
  mount.number("used", used).number("available", available);
  // As df has it: of what users can have.
  double usable = static_cast<double>(used) + static_cast<double>(*available);
  if (usable > 0) mount.real("perc", 100.0 * static_cast<double>(used) / usable);
  if (size.files && size.free_files && *size.files > 0)
    mount.put("inodes", Fields()
                            .number("total", size.files)
                            .number("used", std::max<int64_t>(0, *size.files - *size.free_files))
                            .number("free", size.free_files)
                            .made());
}

lang::Ref mount_facts(const Reading& now) {
  Items mounts;
  const Sizes sizes = sizes_of(now);
  std::string_view rest = now.text("/proc/mounts");
  for (std::string_view line; next_line(rest, line);) {
    std::vector<std::string_view> said = words(line);
    if (said.size() < 4) continue;
    bool remote = is_remote(said[2]);
    auto size = sizes.find(said[1]);
    bool is_known = size != sizes.end();
    // /proc and the like hold nothing.
    if (!remote && (!is_known || size->second.blocks.value_or(0) == 0)) continue;
    Fields mount;
    mount.text("filesystem", unescaped(said[0])).text("type", said[2]).text("mount", unescaped(said[1]));
    if (is_known) {
      put_sizes(mount, size->second);
    } else {
      mount.unknown("size");
    }
    bool read_only = said[3] == "ro" || said[3].starts_with("ro,");
    mounts.add(mount.flag("read-only", read_only).made());
  }
  return mounts.made();
}

}  // namespace

const Group k_mounts = {"mounts",
                        "What is mounted and has room: [{:filesystem :type :mount :size :used :available "
                        "(bytes) :perc (used, of what "
                        "users can have) :inodes {:total :used :free} :read-only}]. The sizes of filesystems "
                        "of other machines are "
                        ":unknown.",
                        k_needs, mount_facts};

}  // namespace reops::facts
