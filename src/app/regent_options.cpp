#include "regent_options.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/unique_fd.hpp"
#include "lang/codec/cbor.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/reader/reader.hpp"
#include "lang/runtime/runtime.hpp"
#include "lang/value/error.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "linked_image.hpp"

namespace reops::app {
namespace {

using namespace lang;

std::string message_of(const Thrown& thrown) {
  Value message = as<Error>(thrown.error()).message;
  return is<String>(message) ? std::string(text_of(message)) : "it cannot be read";
}

// [name text …], or one text that says what is wrong.
std::string read_in_this_process(const std::string& path, const std::string& text) {
  std::string bytes;
  CborWriter out(bytes, k_most_cbor_bytes);
  try {
    Runtime runtime({{}, linked_image()});
    ReaderOptions options;
    options.edn = true;
    Reader reader(std::make_shared<Source>(Source{path, text}), options);
    Ref all = reader.read();
    if (all.get().is_none() || !is_map(all))
      throw_illegal_argument("it is to be one map: {:server \"host:7450\" :server-key \"…\"}");
    std::vector<std::string> parts;
    map_each(all, [&](Value key, Value value) {
      if (!is<Keyword>(key)) throw_illegal_argument(pr_str(key) + " is no option: those are keywords");
      size_t count = is_vector(value) ? vector_count(value) : 1;
      for (size_t i = 0; i < count; ++i) {
        Value one = is_vector(value) ? vector_at(value, i) : value;
        parts.emplace_back(name_of(key));
        append_str(parts.emplace_back(), one);
      }
    });
    out.array(parts.size());
    for (const std::string& part : parts) out.bytes(part);
  } catch (const Thrown& thrown) {
    bytes.clear();
    out.bytes(message_of(thrown));
  }
  return bytes;
}

base::Error unusable(const std::string& path, const std::string& why) {
  const std::string message = "The file " + path + " has no options for the agent: " + why;
  return base::Error{"agent/bad-options", message, {{"file", path}}};
}

}  // namespace

base::Result<FileOptions> read_options(const std::string& path) {
  auto text = base::read_file(path, size_t{1} << 20);
  if (!text) return text.take_error();
  int ends[2];
  if (pipe(ends) != 0) return base::errno_error("agent", "cannot make a pipe", errno);
  base::UniqueFd from(ends[0]), to(ends[1]);
  pid_t reader = fork();
  if (reader < 0) return base::errno_error("agent", "cannot start a process", errno);
  if (reader == 0) {
    std::string bytes = read_in_this_process(path, text.value());
    std::string_view left(bytes);
    while (!left.empty()) {
      ssize_t n = write(to.get(), left.data(), left.size());
      if (n <= 0) _exit(1);
      left.remove_prefix(static_cast<size_t>(n));
    }
    _exit(0);
  }
  to.reset();
  std::string bytes;
  char buffer[4096];
  for (;;) {
    ssize_t n = read(from.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    bytes.append(buffer, static_cast<size_t>(n));
  }
  waitpid(reader, nullptr, 0);
  try {
    CborItems in(bytes);
    if (in.next() == CborItems::Item::bytes) return unusable(path, std::string(in.bytes("a reason")));
    FileOptions options;
    for (size_t n = in.array("options") / 2; n > 0; --n) {
      std::string name(in.bytes("a name"));
      options.emplace_back(std::move(name), in.bytes("a value"));
    }
    return options;
  } catch (const CborMalformed&) {
    return unusable(path, "it could not be read");
  }
}

}  // namespace reops::app
