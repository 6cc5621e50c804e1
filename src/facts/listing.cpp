#include "facts/listing.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <memory>

namespace reops::facts {

void each_name(const std::string& folder, const std::function<void(std::string_view)>& visit) {
  struct Close {
    void operator()(DIR* d) const { closedir(d); }
  };
  std::unique_ptr<DIR, Close> open(opendir(folder.c_str()));
  if (!open) return;
  while (const dirent* entry = readdir(open.get()))
    if (entry->d_name[0] != '.') visit(entry->d_name);
}

std::string names_in(const std::string& folder) {
  std::string text;
  each_name(folder, [&](std::string_view name) { text.append(name) += '\n'; });
  return text;
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace reops::facts
