// Files and text streams.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>

#include "lang/builtin/native.hpp"
#include "lang/builtin/system_arguments.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/loader.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

/// Gives each line, once it is whole, to a function.
class LineWriter : public TextWriter {
 public:
  explicit LineWriter(Value f) : f_(f) { publish(f_); }
  void write(std::string_view text) override {
    std::string whole;
    {
      const std::lock_guard lock(mutex_);
      begun_ += text;
      const size_t end = begun_.rfind('\n');
      if (end == begun_.npos) return;
      whole = begun_.substr(0, end);
      begun_.erase(0, end + 1);
    }
    give(whole);
  }
  void flush() override {
    std::string begun;
    {
      const std::lock_guard lock(mutex_);
      begun.swap(begun_);
    }
    if (!begun.empty()) give(begun);
  }
  void close() override { flush(); }
  std::string describe() const override { return "Writer of lines"; }

 private:
  void give(std::string_view text) const { call(f_, {make_string_lossy(text)}); }

  const Ref f_;
  std::mutex mutex_;
  std::string begun_;  ///< guarded by mutex_
};

// The value of option `name` among :key value :key value.
Value option(Args args, size_t from, Value name) {
  for (size_t i = from; i + 1 < args.size(); i += 2) {
    if (args[i] == name) return args[i + 1];
  }
  return Value::nil();
}

Ref slurp(Args args) {
  if (TextInput* input = resource_of<TextInput>(args[0])) return make_string_lossy(input->read_all());
  return make_string_lossy(read_file(path_argument(args[0], "slurp")));
}

Ref spit(Args args) {
  static const Value k_append = keyword("append");
  std::string content;
  if (is<ByteString>(args[1])) {
    content = as<ByteString>(args[1]).view();
  } else {
    append_str(content, args[1]);
  }
  if (TextWriter* writer = resource_of<TextWriter>(args[0])) {
    writer->write(content);
    return nil();
  }
  write_file(path_argument(args[0], "spit"), content, option(args, 2, k_append).truthy());
  return nil();
}

Ref slurp_bytes(Args args) { return make_bytes(read_file(path_argument(args[0], "reops.bytes/slurp"))); }

Ref line_or_nil(TextInput& input) {
  std::optional<std::string> line = input.read_line();
  return line ? make_string_lossy(*line) : nil();
}

Ref read_line(Args) { return line_or_nil(current_in()); }
Ref next_line(Args args) { return line_or_nil(input_argument(args[0])); }

Ref line_writer(Args args) { return make_handle(new LineWriter(args[0])); }
Ref string_writer(Args) { return make_handle(new StringWriter); }
Ref string_reader(Args args) {
  return make_handle(new StringInput(std::string(string_argument(args[0], "with-in-str"))));
}

Ref writer_text(Args args) {
  StringWriter* writer = resource_of<StringWriter>(args[0]);
  if (!writer) throw_class_cast(args[0], "a writer that gathers a string");
  return make_string(writer->text());
}

Ref file_reader(Args args) {
  static const Value k_bytes = keyword("bytes");
  if (resource_of<TextInput>(args[0])) return Ref(args[0]);
  std::string path = path_argument(args[0], "a reader");
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    throw_error(errno == ENOENT ? ErrorClass::file_not_found : ErrorClass::io,
                "Cannot read " + path + ": " + std::strerror(errno));
  }
  return make_handle(new FileInput(fd, path, true, option(args, 1, k_bytes).truthy()));
}

Ref file_writer(Args args) {
  static const Value k_append = keyword("append"), k_bytes = keyword("bytes");
  if (resource_of<TextWriter>(args[0])) return Ref(args[0]);
  std::string path = path_argument(args[0], "a writer");
  bool append = option(args, 1, k_append).truthy();
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
  if (fd < 0) {
    throw_error(errno == ENOENT ? ErrorClass::file_not_found : ErrorClass::io,
                "Cannot write " + path + ": " + std::strerror(errno));
  }
  return make_handle(
      new FileWriter(fd, path, FileWriter::Buffering::full, true, option(args, 1, k_bytes).truthy()));
}

Ref byte_reader(Args args) {
  if (!is<ByteString>(args[0])) throw_class_cast(args[0], "a byte string");
  return make_handle(new StringInput(std::string(as<ByteString>(args[0]).view()), true));
}

// Bytes pass as they are.
Ref copy_stream(Args args) {
  TextInput& input = input_argument(args[0]);
  TextWriter& output = writer_argument(args[1]);
  for (std::string some = input.read_some(); !some.empty(); some = input.read_some()) {
    output.write(some);
    poll();
  }
  output.flush();
  return nil();
}

Ref find_resource_fn(Args args) {
  std::optional<FoundFile> found = find_file(string_argument(args[0], "resource"));
  if (!found) return nil();
  Ref root = found->root.empty() ? nil() : path_value(found->root);
  return make_vector({root, boolean(found->in_archive)});
}

Ref read_resource_fn(Args args) {
  FoundFile file;
  file.name = string_argument(args[1], "the name of a resource");
  file.in_archive = !args[0].is_nil();
  if (file.in_archive) file.root = path_argument(args[0], "the archive of a resource");
  return make_bytes(read_found(file));
}

Ref write_text(Args args) {
  std::string text;
  append_str(text, args[1]);
  writer_argument(args[0]).write(text);
  return nil();
}

Ref is_terminal(Args args) {
  TextWriter* writer = resource_of<TextWriter>(args[0]);
  return boolean(writer && writer->terminal());
}

Ref close_stream(Args args) {
  if (TextWriter* writer = resource_of<TextWriter>(args[0])) {
    writer->close();
  } else {
    input_argument(args[0]).close();
  }
  return nil();
}

constexpr const char* k_core = "clojure.core";
constexpr const char* k_internal = "reops.internal";

constexpr NativeDef k_defs[] = {
    {k_internal, "slurp", slurp, 1, 1, k_borrow_all, "([source])",
     "The whole content of a file (by its path) or of a reader, as a string. Bytes that are no UTF-8 become "
     "U+FFFD."},
    {k_internal, "spit", spit, 2, k_variadic, k_borrow_all, "([target content & opts])",
     "Writes the text of content (or its bytes, if it is a byte string) to a file or writer. See "
     "clojure.core/spit."},
    {k_core, "read-line", read_line, 0, 0, k_borrow_all, "([])",
     "The next line of *in*, without its end; nil when there is none."},
    {k_internal, "next-line", next_line, 1, 1, k_borrow_all, "([reader])",
     "The next line of a reader, without its end; nil when there is none."},
    {k_internal, "string-writer", string_writer, 0, 0, k_borrow_all, "([])",
     "A writer that gathers what is printed to it."},
    {k_internal, "line-writer", line_writer, 1, 1, k_borrow_all, "([f])",
     "A writer that calls f with what is printed to it, whole lines at a time without the last line's end."},
    {k_internal, "string-reader", string_reader, 1, 1, k_borrow_all, "([s])", "A reader of the text s."},
    {k_internal, "writer-text", writer_text, 1, 1, k_borrow_all, "([w])",
     "What a writer made by string-writer has gathered."},
    {k_internal, "file-reader", file_reader, 1, k_variadic, k_borrow_all, "([path & opts])",
     "A reader of a file."},
    {k_internal, "file-writer", file_writer, 1, k_variadic, k_borrow_all, "([path & opts])",
     "A writer to a file; :append true keeps what is there."},
    {k_internal, "byte-reader", byte_reader, 1, 1, k_borrow_all, "([bytes])", "A reader of a byte string."},
    {k_internal, "copy-stream", copy_stream, 2, 2, k_borrow_all, "([reader writer])",
     "Writes all that the reader still has to the writer."},
    {k_internal, "find-resource", find_resource_fn, 1, 1, k_borrow_all, "([name])",
     "Where a file is found on the load path: [root archive?], with nil as root of what is compiled in; nil "
     "when it is "
     "nowhere."},
    {k_internal, "read-resource", read_resource_fn, 2, 2, k_borrow_all, "([archive name])",
     "The bytes of an archive's entry, or of what is compiled in when archive is nil."},
    {k_internal, "write-text", write_text, 2, 2, k_borrow_all, "([w x])",
     "Writes the text of x to a writer."},
    {k_internal, "terminal?", is_terminal, 1, 1, k_borrow_all, "([w])",
     "True if what is written to w appears at a terminal."},
    {k_internal, "close-stream", close_stream, 1, 1, k_borrow_all, "([s])", "Closes a reader or writer."},
    {"reops.bytes", "slurp", slurp_bytes, 1, 1, k_borrow_all, "([path])",
     "The whole content of a file as a byte string."},
};

}  // namespace

extern const NativeModule k_natives_io;
const NativeModule k_natives_io = {"io", k_defs};

}  // namespace reops::lang
