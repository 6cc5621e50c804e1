#pragma once
// Liveness: which reading of a local is its last.
//
// One backward walk over an arity. Its results are `last_use` on local nodes (the generator then moves
// instead of copying, which is what lets collections be updated in place and heads of sequences go), and the
// locals to release at the start of code that a branch, a loop or an error leads to without reading them.
//
// The walk must see evaluation in the generator's order: arguments that cost nothing (is_trivial) are read
// after all others, an argument of recur in recur_order.

#include <unordered_map>
#include <vector>

#include "lang/compiler/node.hpp"

namespace reops::lang {

class LocalSet {
 public:
  explicit LocalSet(size_t size = 0) : words_((size + 63) / 64) {}
  bool has(size_t i) const { return words_[i / 64] >> (i % 64) & 1; }
  void add(size_t i) { words_[i / 64] |= uint64_t{1} << (i % 64); }
  void remove(size_t i) { words_[i / 64] &= ~(uint64_t{1} << (i % 64)); }
  void unite(const LocalSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  /// Calls `visit(i)` for every member that `other` lacks.
  template <class F>
  void each_not_in(const LocalSet& other, F&& visit) const {
    for (size_t w = 0; w < words_.size(); ++w) {
      for (uint64_t bits = words_[w] & ~other.words_[w]; bits; bits &= bits - 1) {
        visit(w * 64 + static_cast<size_t>(__builtin_ctzll(bits)));
      }
    }
  }

 private:
  std::vector<uint64_t> words_;
};

class Liveness {
 public:
  /// Walks `arity`. `captures` is the number of captured values when they may be moved out (a function called
  /// once), else 0. With `enabled` false nothing is ever a last use and nothing is released early.
  Liveness(Node& arity, size_t captures, bool enabled);

  /// Locals to release where the code of `node` begins (an arm of a branch, a loop's or function's body, a
  /// handler).
  const std::vector<int64_t>& drops_at(const Node& node) const { return find(at_, node); }
  /// Locals to release after the body of a `protect` or one of its handlers ended without error, or after a
  /// letfn made its functions.
  const std::vector<int64_t>& drops_after(const Node& node) const { return find(after_, node); }
  /// A let-bound local that nothing reads.
  bool unused(int64_t local) const { return unused_.has(static_cast<size_t>(local)); }

 private:
  using Drops = std::unordered_map<const Node*, std::vector<int64_t>>;
  const std::vector<int64_t>& find(const Drops& drops, const Node& node) const;
  void drop(Drops& drops, const Node& node, const LocalSet& held, const LocalSet& needed);

  void walk(Node& node, LocalSet& live);
  void walk_sequence(Node& node, size_t from, LocalSet& live);
  void walk_call(Node& node, size_t from, size_t end, LocalSet& live);
  void walk_literal(Node& node, LocalSet& live);
  void walk_loop(Node& node, LocalSet& live);
  void walk_protect(Node& node, LocalSet& live);
  void walk_letfn(Node& node, LocalSet& live);
  void walk_choose(Node& node, LocalSet& live);
  void collect_reads(const Node& node, LocalSet& reads, LocalSet& bound) const;
  void use(Node& node, size_t index, LocalSet& live);

  size_t locals_;
  size_t captures_;
  bool enabled_;
  LocalSet unused_;
  Drops at_, after_;
  struct Loop {
    std::vector<int64_t> targets;
    LocalSet live;  // at the jump back, targets excluded
  };
  std::vector<Loop> loops_;
  LocalSet handlers_need_;  // what the handlers around this place read: an error may lead there at any time
};

}  // namespace reops::lang
