#pragma once
// One HTTP request and its response, by libcurl. This room is the client; it knows no values of the language.
//
// A Transfer runs in the thread that asks for its bytes: nothing happens between two calls, so a slow reader
// slows the sender down, and there is no thread to stop. Connections are kept for the next request.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace reops::http {

using Millis = std::chrono::milliseconds;
using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::optional<std::string> body;
  std::string body_file;  ///< sent from this file instead

  Millis connect_deadline{10'000};
  Millis total_deadline{0};  ///< of the whole transfer; 0: none
  /// Gives up when fewer than a byte a second came for this long; 0: never.
  Millis idle_deadline{60'000};
  long redirects = 10;  ///< followed at most; 0: none is followed

  bool verify = true;  ///< the server's certificate and name
  std::string ca_file, client_certificate, client_key;
  std::optional<std::string> proxy;  ///< empty: none, whatever the environment says
  std::string no_proxy;
  std::string unix_socket;

  std::string user, password, bearer;
  /// "aws:amz:REGION:SERVICE": signs with `user` as the key's id and `password` as the key.
  std::string aws_signature;
};

struct Response {
  int status = 0;
  Headers headers;  ///< names in lower case, in order of arrival
  std::string url;  ///< the last one, after redirects; without user and password
};

/// `url` as it may be shown: without user, password and query, which may be secrets.
std::string shown_url(const std::string& url);

/// Errors have a type that says why: http/url, http/resolve, http/connect, http/tls, http/timeout,
/// http/reset, http/redirects, http/protocol, http/file, http/cancelled, http/failed; and data: method, url.
class Transfer {
 public:
  /// Sends the request and waits until the response's header is there. `cancel_fd` (a base::Cancel's, or -1)
  /// ends waiting at once.
  static base::Result<std::unique_ptr<Transfer>> open(Request request, int cancel_fd);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  const Response& response() const;
  /// Appends what has arrived of the body, waiting for some; false when it is complete.
  base::Result<bool> read(std::string& to, int cancel_fd);

 private:
  struct State;
  explicit Transfer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace reops::http
