#include "base/archive.hpp"

#include <minizip/unzip.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/errors.hpp"

namespace reops::base {

struct Archive::Handle {
  explicit Handle(unzFile f) : file(f) {}
  ~Handle() {
    if (file) unzClose(file);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  unzFile file;
};

Archive::Archive(std::string path, std::unique_ptr<Handle> handle)
    : path_(std::move(path)), handle_(std::move(handle)) {}
Archive::~Archive() = default;

Error Archive::broken(const std::string& what) const {
  return {"file/bad-archive", path_ + ": " + what, {{"path", path_}}};
}

Result<std::shared_ptr<Archive>> Archive::open(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return errno_error("file", "Cannot read " + path, errno);
  auto handle = std::make_unique<Handle>(unzOpen64(path.c_str()));
  bool opened = handle->file != nullptr;
  std::shared_ptr<Archive> archive(new Archive(path, std::move(handle)));
  if (!opened) return archive->broken("is no zip archive");
  unzFile file = archive->handle_->file;
  int state = unzGoToFirstFile(file);
  for (; state == UNZ_OK; state = unzGoToNextFile(file)) {
    unz_file_info64 entry;
    if (unzGetCurrentFileInfo64(file, &entry, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK)
      return archive->broken("its directory cannot be read");
    std::string name(entry.size_filename, '\0');
    unz64_file_pos place;
    if (unzGetCurrentFileInfo64(file, &entry, name.data(), name.size(), nullptr, 0, nullptr, 0) != UNZ_OK ||
        unzGetFilePos64(file, &place) != UNZ_OK)
      return archive->broken("its directory cannot be read");
    archive->places_.insert_or_assign(std::move(name), Place{place.pos_in_zip_directory, place.num_of_file});
  }
  // One that is cut off may look like one without entries, which nobody needs.
  if (state != UNZ_END_OF_LIST_OF_FILE || archive->places_.empty())
    return archive->broken("its directory cannot be read, or is empty");
  return archive;
}

Result<std::string> Archive::read(std::string_view name, std::size_t limit) {
  std::string entry_name(name);
  auto found = places_.find(entry_name);
  if (found == places_.end())
    return Error{
        "file/not-found", path_ + " has no entry " + entry_name, {{"path", path_}, {"entry", entry_name}}};
  std::lock_guard lock(mutex_);
  unz64_file_pos place{found->second.in_directory, found->second.number};
  if (unzGoToFilePos64(handle_->file, &place) != UNZ_OK || unzOpenCurrentFile(handle_->file) != UNZ_OK)
    return broken("the entry " + entry_name + " cannot be unpacked");
  unz_file_info64 entry{};
  bool sound = unzGetCurrentFileInfo64(handle_->file, &entry, nullptr, 0, nullptr, 0, nullptr, 0) == UNZ_OK;
  std::string content;
  constexpr unsigned k_chunk = 64u << 10;
  int got = 1;
  while (got > 0 && content.size() <= limit) {
    size_t before = content.size();
    content.resize(before + k_chunk);
    got = unzReadCurrentFile(handle_->file, content.data() + before, k_chunk);
    content.resize(before + (got > 0 ? static_cast<size_t>(got) : 0));
  }
  // The checksum is looked at only when all has been read, which damage may prevent.
  sound = unzCloseCurrentFile(handle_->file) == UNZ_OK && sound && content.size() == entry.uncompressed_size;
  if (content.size() > limit)
    return broken("the entry " + entry_name + " is larger than " + std::to_string(limit >> 20) + " MiB");
  if (got < 0 || !sound) return broken("the entry " + entry_name + " is damaged");
  return content;
}

Result<std::shared_ptr<Archive>> Archives::open(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return errno_error("file", "Cannot read " + path, errno);
  long long modified = status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
  std::lock_guard lock(mutex_);
  auto known = known_.find(path);
  if (known != known_.end() && known->second.size == status.st_size && known->second.modified == modified)
    return known->second.archive;
  auto opened = Archive::open(path);
  if (opened) known_[path] = {opened.value(), status.st_size, modified};
  return opened;
}

}  // namespace reops::base
