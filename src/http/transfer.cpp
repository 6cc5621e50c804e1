#include "http/transfer.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/cancel.hpp"
#include "base/sigpipe_guard.hpp"
#include "http/connections.hpp"

namespace reops::http {
namespace {

struct FileClose {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
struct UrlCleanup {
  void operator()(CURLU* u) const { curl_url_cleanup(u); }
};
using UrlPtr = std::unique_ptr<CURLU, UrlCleanup>;

// Which kind of failure a code of libcurl is, as far as a program would act differently.
const char* reason_of(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return "http/url";
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
      return "http/resolve";
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return "http/connect";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return "http/tls";
    case CURLE_OPERATION_TIMEDOUT:
      return "http/timeout";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return "http/reset";
    case CURLE_TOO_MANY_REDIRECTS:
      return "http/redirects";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
      return "http/protocol";
    case CURLE_READ_ERROR:
      return "http/file";
    default:
      return "http/failed";
  }
}

base::Error failure(const Request& request, const char* type, const std::string& why) {
  std::string url = shown_url(request.url);
  return {type, request.method + " " + url + ": " + why, {{"method", request.method}, {"url", url}}};
}

bool has_control(std::string_view s) {
  return std::any_of(s.begin(), s.end(), [](unsigned char c) { return c < 0x20 && c != '\t'; });
}

bool is_token(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](unsigned char c) {
    return std::isalnum(c) || std::strchr("!#$%&'*+-.^_`|~", c);
  });
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.back() == '\r' || s.back() == '\n' || s.back() == ' ' || s.back() == '\t'))
    s.remove_suffix(1);
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  return s;
}

}  // namespace

std::string shown_url(const std::string& url) {
  UrlPtr parsed(curl_url());
  if (!parsed ||
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    // What cannot be understood cannot be shown in part.
    size_t scheme = url.find("://");
    return scheme == std::string::npos ? "(a URL that cannot be read)" : url.substr(0, scheme) + "://…";
  }
  for (CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT})
    curl_url_set(parsed.get(), part, nullptr, 0);
  char* text = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return "(a URL that cannot be read)";
  std::string shown = text;
  curl_free(text);
  return shown;
}

struct Transfer::State {
  Request request;
  Handles handles;
  bool attached = false;
  ListPtr header_list;
  std::unique_ptr<std::FILE, FileClose> file;
  char error_text[CURL_ERROR_SIZE] = {};

  Response response;
  std::string body;
  bool header_complete = false;
  bool done = false;
  CURLcode result = CURLE_OK;

  ~State() {
    if (!handles.multi || !handles.easy) return;
    // A transfer that was broken off is taken out; its connection is closed by that.
    if (attached) curl_multi_remove_handle(handles.multi.get(), handles.easy.get());
    give_back(std::move(handles));
  }

  std::optional<base::Error> prepare();
  std::optional<base::Error> set_headers();
  std::optional<base::Error> set_body();
  void set_deadlines();
  void set_security();
  std::optional<base::Error> advance(int cancel_fd);
  void on_header(std::string_view line);
  base::Error why() const;

  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handles.easy.get(), option, value);
  }
  void set_text(CURLoption option, const std::string& text) {
    if (!text.empty()) set(option, text.c_str());
  }
};

namespace {

size_t take_body(char* bytes, size_t, size_t n, void* self) {
  static_cast<std::string*>(self)->append(bytes, n);
  return n;
}

size_t read_file(char* to, size_t size, size_t n, void* file) {
  size_t got = std::fread(to, 1, size * n, static_cast<std::FILE*>(file));
  return got == 0 && std::ferror(static_cast<std::FILE*>(file)) ? CURL_READFUNC_ABORT : got;
}

int seek_file(void* file, curl_off_t offset, int origin) {
  return fseeko(static_cast<std::FILE*>(file), offset, origin) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

}  // namespace

std::optional<base::Error> Transfer::State::set_headers() {
  bool has_type = false, has_agent = false;
  auto add = [this](const std::string& line) {
    curl_slist* longer = curl_slist_append(header_list.get(), line.c_str());
    if (!longer) return;
    (void)header_list.release();
    header_list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name)) return failure(request, "http/header", "A header cannot be called `" + name + "`");
    if (has_control(value))
      return failure(request, "http/header", "The header " + name + " has a control character in its value");
    has_type = has_type || lower(name) == "content-type";
    has_agent = has_agent || lower(name) == "user-agent";
    // To libcurl `Name:` takes a header away, and `Name;` sends one without a value.
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  if (!has_type) add("Content-Type:");
  if (!has_agent) set(CURLOPT_USERAGENT, "reops");
  add("Expect:");
  set(CURLOPT_HTTPHEADER, header_list.get());
  return std::nullopt;
}

std::optional<base::Error> Transfer::State::set_body() {
  if (!request.body_file.empty()) {
    file.reset(std::fopen(request.body_file.c_str(), "rbe"));
    if (!file)
      return failure(request, "http/file", "cannot read " + request.body_file + ": " + std::strerror(errno));
    fseeko(file.get(), 0, SEEK_END);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(ftello(file.get())));
    fseeko(file.get(), 0, SEEK_SET);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, read_file);
    set(CURLOPT_READDATA, file.get());
    set(CURLOPT_SEEKFUNCTION, seek_file);
    set(CURLOPT_SEEKDATA, file.get());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.body) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
    set(CURLOPT_POSTFIELDS, request.body->data());
    if (request.method != "POST") set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t{0});
    set(CURLOPT_POSTFIELDS, "");
  } else if (request.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  return std::nullopt;
}

void Transfer::State::set_deadlines() {
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_deadline.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_deadline.count()));
  if (request.idle_deadline.count() > 0) {
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>((request.idle_deadline.count() + 999) / 1000));
  }
}

void Transfer::State::set_security() {
  set(CURLOPT_SSL_VERIFYPEER, request.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, request.verify ? 2L : 0L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set_text(CURLOPT_CAINFO, request.ca_file);
  set_text(CURLOPT_SSLCERT, request.client_certificate);
  set_text(CURLOPT_SSLKEY, request.client_key);
  if (!request.aws_signature.empty()) {
    set(CURLOPT_AWS_SIGV4, request.aws_signature.c_str());
  } else if (!request.bearer.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(CURLOPT_XOAUTH2_BEARER, request.bearer.c_str());
  }
  set_text(CURLOPT_USERNAME, request.user);
  set_text(CURLOPT_PASSWORD, request.password);
}

std::optional<base::Error> Transfer::State::prepare() {
  if (!handles.multi || !handles.easy) return failure(request, "http/failed", "libcurl could not be started");
  if (!is_token(request.method))
    return failure(request, "http/method", "`" + request.method + "` is no method of HTTP");
  if (has_control(request.url) || request.url.find(' ') != std::string::npos)
    return failure(request, "http/url", "a URL has no blanks or control characters: encode them (%20)");
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_ERRORBUFFER, error_text);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1L : 0L);
  set(CURLOPT_MAXREDIRS, request.redirects);
  if (request.proxy) set(CURLOPT_PROXY, request.proxy->c_str());
  set_text(CURLOPT_NOPROXY, request.no_proxy);
  set_text(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket);
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, &body);
  curl_write_callback header = [](char* bytes, size_t, size_t n, void* self) -> size_t {
    static_cast<State*>(self)->on_header({bytes, n});
    return n;
  };
  set(CURLOPT_HEADERFUNCTION, header);
  set(CURLOPT_HEADERDATA, this);
  set_deadlines();
  set_security();
  if (auto e = set_headers()) return e;
  if (auto e = set_body()) return e;
  curl_multi_add_handle(handles.multi.get(), handles.easy.get());
  attached = true;
  return std::nullopt;
}

// Headers of interim responses, and of redirects that are followed, are replaced by what comes after them.
void Transfer::State::on_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    response.headers.clear();
    size_t blank = line.find(' ');
    response.status =
        blank == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(blank + 1, 3)).c_str());
    return;
  }
  line = trimmed(line);
  if (!line.empty()) {
    size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      response.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return;
  }
  bool located = std::any_of(response.headers.begin(), response.headers.end(),
                             [](const auto& h) { return h.first == "location"; });
  bool followed = request.redirects > 0 && response.status >= 300 && response.status < 400 && located;
  if (response.status >= 200 && !followed) header_complete = true;
}

base::Error Transfer::State::why() const {
  std::string text = error_text[0] ? error_text : curl_easy_strerror(result);
  if (result == CURLE_OPERATION_TIMEDOUT) {
    double connected = 0;
    curl_easy_getinfo(handles.easy.get(), CURLINFO_CONNECT_TIME, &connected);
    if (connected == 0 && response.status == 0) {
      text = "no connection within " + std::to_string(request.connect_deadline.count()) + " ms";
      base::Error e = failure(request, "http/timeout", text);
      e.data["phase"] = "connect";
      return e;
    }
    text = "the deadline passed (" + text + ")";
  }
  return failure(request, reason_of(result), text);
}

/// Lets the transfer go on until something has happened.
std::optional<base::Error> Transfer::State::advance(int cancel_fd) {
  base::SigpipeGuard no_sigpipe;
  CURLM* multi = handles.multi.get();
  int running = 0;
  if (curl_multi_perform(multi, &running) != CURLM_OK)
    return failure(request, "http/failed", "libcurl refused to go on");
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    done = true;
    result = message->data.result;
  }
  if (done) {
    curl_multi_remove_handle(multi, handles.easy.get());
    attached = false;
    if (result != CURLE_OK) return why();
    header_complete = true;
    return std::nullopt;
  }
  if (header_complete && !body.empty()) return std::nullopt;
  curl_waitfd cancel{cancel_fd, CURL_WAIT_POLLIN, 0};
  curl_multi_poll(multi, cancel_fd >= 0 ? &cancel : nullptr, cancel_fd >= 0 ? 1 : 0, 1000, nullptr);
  if (base::is_cancelled(cancel_fd)) return failure(request, "http/cancelled", "given up while waiting");
  return std::nullopt;
}

base::Result<std::unique_ptr<Transfer>> Transfer::open(Request request, int cancel_fd) {
  auto state = std::make_unique<State>();
  state->request = std::move(request);
  state->handles = borrow_handles();
  if (auto e = state->prepare()) return *std::move(e);
  while (!state->header_complete) {
    if (auto e = state->advance(cancel_fd)) return *std::move(e);
  }
  char* url = nullptr;
  curl_easy_getinfo(state->handles.easy.get(), CURLINFO_EFFECTIVE_URL, &url);
  if (url) state->response.url = url;
  return std::unique_ptr<Transfer>(new Transfer(std::move(state)));
}

Transfer::Transfer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Transfer::~Transfer() = default;

const Response& Transfer::response() const { return state_->response; }

base::Result<bool> Transfer::read(std::string& to, int cancel_fd) {
  for (;;) {
    if (!state_->body.empty()) {
      to += state_->body;
      state_->body.clear();
      return true;
    }
    if (state_->done) return false;
    if (auto e = state_->advance(cancel_fd)) return *std::move(e);
  }
}

}  // namespace reops::http
