#include "lang/codec/shipping/packer.hpp"

#include <algorithm>
#include <numeric>

#include "lang/collection/map.hpp"
#include "lang/runtime/monitor.hpp"
#include "lang/runtime/reference.hpp"
#include "lang/runtime/type.hpp"
#include "lang/runtime/var.hpp"
#include "lang/value/error.hpp"
#include "lang/value/publish.hpp"
#include "lang/value/string.hpp"
#include "lang/value/symbol.hpp"
#include "lang/vm/code.hpp"

namespace reops::lang {
namespace {

// Definitions that are kept, those that were redefined since included. They take some hundred bytes each.
constexpr size_t k_most_drafts = 100'000;

std::string name_of_definition(Value v, MemberKind kind) {
  switch (kind) {
    case MemberKind::code:
      return function_name(as<Proto>(v));
    case MemberKind::variable:
      return var_name(as<Var>(v));
    case MemberKind::type:
      return full_name(as<Type>(v).name);
    case MemberKind::protocol:
      return full_name(as<Protocol>(v).name);
    case MemberKind::multimethod:
      return full_name(as<MultiFn>(v).name);
    case MemberKind::value:
      break;
  }
  return is<Function>(v) ? function_name(as<Proto>(as<Function>(v).proto)) : "";
}

/// A number that stands for all that a unit's content is made of.
class Fingerprint {
 public:
  void add(uint64_t n) {
    sum_ = (sum_ ^ n) * 0x9E3779B97F4A7C15u;
    sum_ ^= sum_ >> 29;
  }
  uint64_t get() const { return sum_ | 1; }

 private:
  uint64_t sum_ = 0x7265'6f70'7321u;
};

}  // namespace

Packer::Packer() : monitor_(make_volatile(nil())) { publish(monitor_); }
Packer::~Packer() = default;

Draft& Packer::draft_of(Value object, MemberKind kind) {
  std::unique_ptr<Draft>& slot = drafts_[object.bits()];
  if (!slot) {
    publish(object);
    slot = std::make_unique<Draft>();
    slot->object = Ref(object);
    slot->kind = kind;
    slot->name = name_of_definition(object, kind);
  }
  return *slot;
}

void Packer::forget_if_many() {
  if (drafts_.size() <= k_most_drafts) return;
  drafts_.clear();
  types_.clear();
}

// All that can be reached, written as it is now.
void Packer::visit(Draft& root) {
  std::vector<Draft*> left{&root};
  root.round = round_;
  while (!left.empty()) {
    Draft& d = *left.back();
    left.pop_back();
    visited_.push_back(&d);
    if (!is_current(d)) write_draft(d, *this);
    d.refused_by = d.refusal ? &d : nullptr;
    d.number = 0;
    d.on_stack = false;
    for (const Draft::Target& t : d.targets) {
      if (t.draft->round == round_) continue;
      t.draft->round = round_;
      left.push_back(t.draft);
    }
  }
}

// What needs something that does not travel does not travel either.
void Packer::spread_refusals() {
  for (bool spread = true; spread;) {
    spread = false;
    for (Draft* d : visited_) {
      if (d->refused_by) continue;
      for (const Draft::Target& t : d->targets) {
        if (t.optional || !t.draft->refused_by) continue;
        d->refused_by = t.draft;
        spread = true;
        break;
      }
    }
  }
}

namespace {

std::string why_refused(const Draft& from) {
  std::string way;
  const Draft* d = &from;
  while (d->refused_by != d) {
    d = d->refused_by;
    // A var and the function that it holds have one name.
    if (!d->name.empty() && !way.ends_with(d->name)) way += (way.empty() ? "" : " → ") + d->name;
  }
  return (way.empty() ? "" : way + " → ") + d->refusal->message();
}

}  // namespace

void Packer::refuse(const Draft& root) {
  static const Value k_type = keyword("type"), k_kind = keyword("reops/cannot-travel"),
                     k_path = keyword("path");
  std::string why = why_refused(root);
  throw_error(ErrorClass::illegal_argument, "This cannot be sent to another machine: " + why,
              make_map({k_type, k_kind, k_path, make_string_lossy(why)}));
}

// Tarjan's algorithm: components of definitions that refer to each other, each after those it refers to.
void Packer::number(Draft& draft) {
  check_stack();
  draft.number = draft.low = ++next_number_;
  draft.on_stack = true;
  stack_.push_back(&draft);
  for (const Draft::Target& t : draft.targets) {
    if (t.draft->refused_by) continue;
    if (t.draft->number == 0) {
      number(*t.draft);
      draft.low = std::min(draft.low, t.draft->low);
    } else if (t.draft->on_stack) {
      draft.low = std::min(draft.low, t.draft->number);
    }
  }
  if (draft.low != draft.number) return;
  auto first = std::find(stack_.begin(), stack_.end(), &draft);
  std::vector<Draft*> members(first, stack_.end());
  stack_.erase(first, stack_.end());
  for (Draft* m : members) m->on_stack = false;
  settle(std::move(members));
}

void Packer::settle(std::vector<Draft*> members) {
  // The same definitions make the same unit, in whatever order they were come upon.
  std::sort(members.begin(), members.end(), [](const Draft* a, const Draft* b) {
    return std::tie(a->name, a->kind, a->body) < std::tie(b->name, b->kind, b->body);
  });
  auto inside = [&](const Draft* d) {
    auto at = std::find(members.begin(), members.end(), d);
    return at == members.end() ? -1 : static_cast<int64_t>(at - members.begin());
  };
  Fingerprint sum;
  for (const Draft* m : members) {
    sum.add(reinterpret_cast<uintptr_t>(m));
    sum.add(m->version);
    for (const Draft::Target& t : m->targets) {
      if (t.draft->refused_by) {
        sum.add(2);
      } else if (inside(t.draft) < 0) {
        sum.add(std::hash<UnitHash>()(t.draft->unit->hash));
        sum.add(t.draft->index);
      }
    }
  }
  if (members[0]->unit && members[0]->fingerprint == sum.get()) {
    units_.push_back(members[0]->unit);
    return;
  }
  std::vector<UnitMember> written;
  std::string places;
  CborWriter places_out(places, k_most_cbor_bytes);
  places_out.array(members.size());
  for (const Draft* m : members) {
    std::vector<UnitReference> references;
    for (const Draft::Target& t : m->targets) {
      if (t.draft->refused_by) {
        references.push_back({UnitReference::missing, 0, {}, why_refused(*t.draft)});
      } else if (int64_t i = inside(t.draft); i >= 0) {
        references.push_back({UnitReference::inside, static_cast<uint32_t>(i), {}, {}});
      } else {
        references.push_back({UnitReference::outside, t.draft->index, t.draft->unit->hash, {}});
      }
    }
    written.push_back({m->kind, m->name, std::move(references), m->body});
    places_out.bytes(m->places);
  }
  auto unit = std::make_shared<Unit>();
  unit->content = write_unit(written);
  unit->hash = UnitHash::of(unit->content);
  unit->places = std::move(places);
  unit->needs = needs_of(written);
  std::vector<Ref> types;
  for (size_t i = 0; i < members.size(); ++i) {
    Draft& m = *members[i];
    m.unit = unit;
    m.index = static_cast<uint32_t>(i);
    m.fingerprint = sum.get();
    if (m.kind != MemberKind::type) continue;
    types.resize(members.size());
    types[i] = m.object;
  }
  if (!types.empty()) types_[unit->hash] = std::move(types);
  units_.push_back(std::move(unit));
}

Parcel Packer::pack(Value v) {
  MonitorScope alone(monitor_);
  if (packing_)
    throw_illegal_state("A lazy sequence sends a function while it is being sent itself: realise it first");
  struct Packing {
    bool& flag;
    ~Packing() { flag = false; }
  } packing{packing_};
  packing_ = true;
  forget_if_many();
  visited_.clear();
  stack_.clear();
  units_.clear();
  next_number_ = 0;
  ++round_;
  Draft root;
  root.object = Ref(v);
  visit(root);
  spread_refusals();
  if (root.refused_by) refuse(root);
  number(root);
  // The value itself is the last; it is no unit that anybody else needs.
  Parcel parcel;
  parcel.value = units_.back()->content;
  units_.pop_back();
  parcel.units = std::move(units_);
  return parcel;
}

Value Packer::type_called(const UnitHash& hash, uint32_t index) {
  MonitorScope alone(monitor_);
  auto found = types_.find(hash);
  if (found == types_.end() || index >= found->second.size() || found->second[index].is_nil())
    return Value::none();
  return found->second[index];
}

Packer& program_packer() {
  // Never destroyed: threads that outlive main may still use it.
  static Packer& the = *new Packer;
  return the;
}

}  // namespace reops::lang
