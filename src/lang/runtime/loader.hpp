#pragma once
// Finding and loading source files.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/value/ref.hpp"

namespace reops::lang {

/// A source file that was found.
struct LoadedText {
  std::string name;  ///< below its folder of the load path: "my/ops.clj"
  std::string path;  ///< empty for what is compiled in
  std::string text;
};

/// `my.ops-lib` is looked for as "my/ops_lib".
std::string path_of_lib(std::string_view lib);

/// The folders and archives (jars and zips) of *load-path*, in order.
std::vector<std::string> load_path();

/// A file below one of them, or one that is compiled in.
struct FoundFile {
  std::string root;  ///< folder or archive; empty: compiled in
  std::string name;  ///< below it
  bool in_archive = false;
};
/// The first of that name in the load path, then among what is compiled in.
std::optional<FoundFile> find_file(std::string_view name);
/// All of that name in the load path, in its order.
std::vector<FoundFile> find_files(std::string_view name);
/// Throws an IOException for one that cannot be read.
std::string read_found(const FoundFile& file);

/// Makes the tags of every data_readers.clj (and .cljc) of the load path known in *data-readers*, each for
/// the function in the var that the file names.
void load_data_readers();

/// The file of that path without its ending: <stem>.clj or <stem>.cljc, in the folders of the load path and
/// then among what is compiled in.
std::optional<LoadedText> find_library(std::string_view stem);

/// Loads the file of that stem; `what` is how an error names it ("library my.ops"). The file belongs to the
/// library `lib`, or, when that is empty, to the one that is being loaded.
void load_stem(std::string_view stem, std::string_view what, std::string_view lib = {});

/// The files of the load path that were loaded: a map from path to [name lib fingerprint], where the
/// fingerprint is that of the text when it was loaded last.
Ref loaded_files();
/// Forgets a file that is gone.
void forget_loaded_file(std::string_view path);
/// Equal texts have equal ones, and others hardly ever.
int64_t fingerprint(std::string_view text);

/// Loads the host class of that full name if it is one of those written in our own language, and says whether
/// it is. A class that this thread is loading already is none yet.
bool load_class(std::string_view full_name);

/// The stem that `(load "path")` means in the current namespace: "/a/b" from the top of the load path, "a/b"
/// beside the namespace's own file.
std::string stem_of_load(std::string_view path);

}  // namespace reops::lang
