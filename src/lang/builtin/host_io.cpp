// Constructors of java.io's readers, writers and streams: (java.io.StringReader. s), (BufferedReader. r) …
//
// All readers can be read by lines and take back what was read, and all streams are buffered, so that what
// wraps another is that other.

#include "lang/builtin/native.hpp"
#include "lang/builtin/text_arguments.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"

namespace reops::lang {
namespace {

Ref same_reader(Args args) {
  input_argument(args[0]);
  return Ref(args[0]);
}
Ref same_writer(Args args) {
  writer_argument(args[0]);
  return Ref(args[0]);
}

Ref string_reader(Args args) {
  return make_handle(new StringInput(std::string(string_argument(args[0], "StringReader."))));
}

Ref call_internal(std::string_view name, std::initializer_list<Value> args) {
  Ref f(intern(find_ns("reops.internal"), name).load_root());
  return call(f, args);
}

template <bool bytes>
Ref open_reader(Args args) {
  return call_internal("file-reader", {args[0], keyword("bytes"), Value::boolean(bytes)});
}
template <bool bytes>
Ref open_writer(Args args) {
  return call_internal("file-writer", {args[0], keyword("append"), args.get(1, Value::boolean(false)),
                                       keyword("bytes"), Value::boolean(bytes)});
}
Ref byte_reader(Args args) { return call_internal("byte-reader", {args[0]}); }

constexpr NativeDef wrapper(const char* name, NativeFn fn, const char* doc) {
  return {name, "new", fn, 1, 2, k_borrow_all, "([stream] [stream size-or-encoding])", doc};
}

constexpr NativeDef k_defs[] = {
    {"StringReader", "new", string_reader, 1, 1, k_borrow_all, "([s])", "A reader of the text s."},
    wrapper("BufferedReader", same_reader, "The reader itself: all readers can be read by lines."),
    wrapper("PushbackReader", same_reader, "The reader itself: all readers take back what was read."),
    wrapper("InputStreamReader", same_reader, "The stream itself, which can be read as text in UTF-8."),
    wrapper("BufferedWriter", same_writer, "The writer itself: all are buffered."),
    wrapper("PrintWriter", same_writer, "The writer itself: all have print and println."),
    wrapper("OutputStreamWriter", same_writer, "The stream itself, to which text can be written, in UTF-8."),
    {"FileReader", "new", open_reader<false>, 1, 2, k_borrow_all, "([path] [path encoding])",
     "A reader of the text of a file."},
    {"FileInputStream", "new", open_reader<true>, 1, 1, k_borrow_all, "([path])",
     "A reader of the bytes of a file."},
    {"FileWriter", "new", open_writer<false>, 1, 2, k_borrow_all, "([path] [path append])",
     "A writer of text to a file, in place of what is there, or after it if append is true."},
    {"FileOutputStream", "new", open_writer<true>, 1, 2, k_borrow_all, "([path] [path append])",
     "A writer of bytes to a file, in place of what is there, or after it if append is true."},
    {"ByteArrayInputStream", "new", byte_reader, 1, 1, k_borrow_all, "([bytes])",
     "A reader of a byte string."},
};

}  // namespace

extern const NativeModule k_natives_host_io;
const NativeModule k_natives_host_io = {"host_io", k_defs};

}  // namespace reops::lang
