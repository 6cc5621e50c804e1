#include "http/connections.hpp"

#include <mutex>
#include <vector>

namespace reops::http {
namespace {

constexpr size_t k_most_idle = 8;

struct Idle {
  std::mutex mutex;
  std::vector<Handles> handles;
};

// Never destroyed: at the end of the process TLS may be gone before a destructor of ours would close a
// connection.
Idle& idle() {
  static Idle& instance = *new Idle;
  return instance;
}

}  // namespace

Handles borrow_handles() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialized != CURLE_OK) return {};
  {
    std::lock_guard lock(idle().mutex);
    if (!idle().handles.empty()) {
      Handles h = std::move(idle().handles.back());
      idle().handles.pop_back();
      return h;
    }
  }
  Handles h;
  h.multi.reset(curl_multi_init());
  h.easy.reset(curl_easy_init());
  return h;
}

void give_back(Handles handles) {
  curl_easy_reset(handles.easy.get());
  std::lock_guard lock(idle().mutex);
  if (idle().handles.size() < k_most_idle) idle().handles.push_back(std::move(handles));
}

}  // namespace reops::http
