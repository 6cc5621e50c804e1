// The http room as the language sees it: the namespace reops.http.native, loaded with the module "http".

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "base/cancel.hpp"
#include "http/transfer.hpp"
#include "lang/builtin/native.hpp"
#include "lang/codec/printer.hpp"
#include "lang/collection/access.hpp"
#include "lang/collection/map.hpp"
#include "lang/collection/seq.hpp"
#include "lang/collection/vector.hpp"
#include "lang/runtime/module.hpp"
#include "lang/runtime/streams.hpp"
#include "lang/value/number.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/call.hpp"
#include "lang/vm/parking.hpp"

namespace reops::http {
namespace {

using namespace lang;

constexpr int64_t k_default_limit = int64_t{256} << 20;

std::string text_of_value(Value v, const char* key) {
  if (v.is_nil()) return "";
  if (is<ByteString>(v)) return std::string(as<ByteString>(v).view());
  if (is<String>(v)) return std::string(text_of(v));
  throw_illegal_argument("An HTTP request needs a string as :" + std::string(key) + ", found " + describe(v));
}

std::string text_option(Value map, const char* key) {
  Ref v = get(map, keyword(key));
  return text_of_value(v, key);
}

void read_millis(Value map, const char* key, Millis& deadline) {
  Ref v = get(map, keyword(key));
  if (v.is_nil()) return;
  int64_t n = to_int(v, "a deadline in milliseconds");
  if (n <= 0 || n > 1'000'000'000)
    throw_illegal_argument("The deadline :" + std::string(key) +
                           " is a positive number of milliseconds, found " + pr_str(v));
  deadline = Millis(n);
}

void read_headers(Value map, Headers& headers) {
  Ref given = get(map, keyword("headers"));
  for (SeqIterator it(given); it.more(); it.step()) {
    Value pair = it.value();
    if (!is_vector(pair) || vector_count(pair) != 2 || !is<String>(vector_at(pair, 0)) ||
        !is<String>(vector_at(pair, 1)))
      throw_illegal_argument("A header is a name and a value, both strings");
    headers.emplace_back(text_of(vector_at(pair, 0)), text_of(vector_at(pair, 1)));
  }
}

Request read_request(Value map) {
  Request r;
  r.method = text_option(map, "method");
  r.url = text_option(map, "url");
  read_headers(map, r.headers);
  if (Ref body = get(map, keyword("body")); !body.is_nil()) r.body = text_of_value(body, "body");
  r.body_file = text_option(map, "body-file");
  read_millis(map, "connect-ms", r.connect_deadline);
  read_millis(map, "total-ms", r.total_deadline);
  // Who reads a stream may pause, and a stream may have nothing to say for hours.
  if (get(map, keyword("as")).get() == keyword("stream")) r.idle_deadline = Millis(0);
  read_millis(map, "idle-ms", r.idle_deadline);
  if (Ref n = get(map, keyword("redirects")); !n.is_nil())
    r.redirects = static_cast<long>(to_int(n, "the most redirects"));
  r.verify = !get(map, keyword("insecure")).truthy();
  r.ca_file = text_option(map, "ca-file");
  r.client_certificate = text_option(map, "cert");
  r.client_key = text_option(map, "key");
  if (Ref proxy = get(map, keyword("proxy")); !proxy.is_nil()) r.proxy = text_of_value(proxy, "proxy");
  r.no_proxy = text_option(map, "no-proxy");
  r.unix_socket = text_option(map, "unix-socket");
  r.user = text_option(map, "user");
  r.password = text_option(map, "password");
  r.bearer = text_option(map, "bearer");
  r.aws_signature = text_option(map, "aws-signature");
  return r;
}

[[noreturn]] void throw_failure(const base::Error& e) {
  static const Value k_type = keyword("type");
  Ref data = make_map({k_type, keyword("reops." + e.type)});
  for (const auto& [name, text] : e.data) {
    Ref value = make_string_lossy(text);
    data = map_assoc(std::move(data), Ref(keyword(name)), std::move(value));
  }
  throw_error(ErrorClass::ex_info, e.message, data);
}

// Runs `work` with a switch that an interrupt turns; raises the interrupt afterwards.
template <class F>
auto interruptible(F&& work) {
  base::Cancel cancel;
  auto result = [&] {
    BlockingRegion region([&] { cancel.cancel(); });
    return work(cancel.fd());
  }();
  poll_after_wait();
  if (!result.ok()) throw_failure(result.error());
  return std::move(result).value();
}

/// The body of a response as a reader that takes it from the network as it is read.
class BodyInput : public TextInput {
 public:
  explicit BodyInput(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
  std::string describe() const override { return "Reader of an HTTP response"; }
  void close() override { transfer_.reset(); }

 protected:
  bool fill(std::string& buffer) override {
    if (!transfer_) throw_error(ErrorClass::io, "The response has been closed");
    return interruptible([&](int cancel_fd) { return transfer_->read(buffer, cancel_fd); });
  }
  bool ready() const override { return false; }

 private:
  std::unique_ptr<Transfer> transfer_;
};

Ref headers_map(const Headers& headers) {
  Ref m(empty_map());
  for (const auto& [name, value] : headers) {
    Ref key = make_string_lossy(name), text = make_string_lossy(value);
    Value before = map_get(m, key);
    if (before.is_none()) {
      map_put(m, std::move(key), std::move(text));
    } else {
      // A header that comes several times is a vector of its values.
      Ref several = is<Vector>(before) ? Ref(before) : make_vector({before});
      vector_push(several, std::move(text));
      map_put(m, std::move(key), std::move(several));
    }
  }
  return m;
}

Ref response_map(const Response& r, Ref body) {
  static const Value k_status = keyword("status"), k_headers = keyword("headers"), k_url = keyword("url"),
                     k_body = keyword("body");
  Ref headers = headers_map(r.headers), url = make_string_lossy(r.url);
  return make_map({k_status, Value::fixnum(r.status), k_headers, headers, k_url, url, k_body, body});
}

// The whole body; breaks off where it grows past the limit.
std::string read_body(Transfer& transfer, int64_t limit, const Request& request) {
  std::string body;
  while (interruptible([&](int cancel_fd) { return transfer.read(body, cancel_fd); })) {
    check_memory(body.size());
    if (static_cast<int64_t>(body.size()) > limit) {
      throw_failure({"http/too-large",
                     request.method + " " + shown_url(request.url) + ": the body is larger than " +
                         std::to_string(limit) +
                         " bytes; give a larger :limit, or take it as a stream or a file",
                     {{"method", request.method}, {"url", shown_url(request.url)}}});
    }
  }
  return body;
}

// Into a file beside the one wanted, which takes its place when it is complete.
void save_body(Transfer& transfer, const std::string& path) {
  std::string partial = path + ".part";
  struct FileClose {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, FileClose> file(std::fopen(partial.c_str(), "wbe"));
  auto fail = [&](const std::string& name) {
    throw_error(ErrorClass::io, "Cannot write " + name + ": " + std::strerror(errno));
  };
  if (!file) fail(partial);
  try {
    std::string part;
    while (interruptible([&](int cancel_fd) { return transfer.read(part, cancel_fd); })) {
      if (std::fwrite(part.data(), 1, part.size(), file.get()) != part.size()) fail(partial);
      part.clear();
    }
    if (std::fclose(file.release()) != 0) fail(partial);
    if (std::rename(partial.c_str(), path.c_str()) != 0) fail(path);
  } catch (...) {
    std::remove(partial.c_str());
    throw;
  }
}

Ref native_request(Args args) {
  static const Value k_text = keyword("text"), k_bytes = keyword("bytes"), k_stream = keyword("stream");
  Ref as = get(args[0], keyword("as"));
  Ref limit = get(args[0], keyword("limit"));
  std::string file = text_option(args[0], "file");
  int64_t most = limit.is_nil() ? k_default_limit : to_int(limit, "the limit of a body");
  Request request = read_request(args[0]);
  std::unique_ptr<Transfer> transfer =
      interruptible([&](int cancel_fd) { return Transfer::open(request, cancel_fd); });
  Response response = transfer->response();
  if (!file.empty()) {
    save_body(*transfer, file);
    return response_map(response, make_string_lossy(file));
  }
  if (as.get() == k_stream) return response_map(response, make_handle(new BodyInput(std::move(transfer))));
  if (as.get() != k_bytes && as.get() != k_text)
    throw_illegal_argument("A body is taken :as :text, :bytes, :json, :stream or {:file path}, found " +
                           describe(as));
  std::string body = read_body(*transfer, most, request);
  return response_map(response, as.get() == k_bytes ? make_bytes(body) : make_string_lossy(body));
}

const NativeDef k_defs[] = {
    {"reops.http.native", "request", native_request, 1, 1, k_borrow_all, "([request])",
     "Sends a request and waits for the response: {:status :headers :url :body}."},
};

const NativeModule k_natives = {"http", k_defs};

}  // namespace
}  // namespace reops::http

REOPS_MODULE(reops::http::k_natives)
