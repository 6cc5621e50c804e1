#pragma once
// The place in the source that the analyser is at, for as long as the scope lives.

#include "lang/compiler/analyzer.hpp"

namespace reops::lang {

class PlaceScope {
 public:
  PlaceScope(Analyzer& a, Span span) : analyzer_(a), pushed_(span.known()) {
    if (pushed_) a.span_stack_.push_back(span);
  }
  ~PlaceScope() {
    if (pushed_) analyzer_.span_stack_.pop_back();
  }
  PlaceScope(const PlaceScope&) = delete;
  PlaceScope& operator=(const PlaceScope&) = delete;

 private:
  Analyzer& analyzer_;
  bool pushed_;
};

}  // namespace reops::lang
