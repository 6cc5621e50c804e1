#pragma once
// libcurl's handles, and the connections that wait in them for the next request.

#include <curl/curl.h>

#include <memory>

namespace reops::http {

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct MultiCleanup {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using ListPtr = std::unique_ptr<curl_slist, ListCleanup>;

/// What one transfer needs. The multi handle owns the open connections.
struct Handles {
  std::unique_ptr<CURLM, MultiCleanup> multi;
  std::unique_ptr<CURL, EasyCleanup> easy;
};

/// Handles that another transfer is done with, if there are some, else new ones. Thread-safe.
Handles borrow_handles();
/// For the next transfer: `easy` is no longer part of `multi`. A few are kept, the rest is closed.
void give_back(Handles handles);

}  // namespace reops::http
