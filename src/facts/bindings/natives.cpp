#include "facts/bindings/natives.hpp"

#include <string>

#include "facts/fields.hpp"
#include "facts/groups.hpp"
#include "facts/local.hpp"
#include "facts/shell.hpp"
#include "lang/builtin/def_native.hpp"
#include "lang/runtime/module.hpp"
#include "lang/value/handle.hpp"
#include "lang/value/string.hpp"

namespace reops::facts {
namespace {

using namespace lang;

const Group& group_called(std::string_view name) {
  if (const Group* group = find_group(name)) return *group;
  std::string known;
  for (const Group& group : all_groups()) known += (known.empty() ? "" : ", ") + std::string(group.name);
  throw_illegal_argument("There are no facts called " + std::string(name) + ", but " + known);
}

// Of a command's output, which is not always text.
std::string_view bytes_of(Value v) {
  if (is<String>(v)) return text_of(v);
  if (is<ByteString>(v)) return as<ByteString>(v).view();
  throw_class_cast(v, "what a machine said, a string or bytes");
}

std::vector<std::string> groups() {
  std::vector<std::string> names;
  for (const Group& group : all_groups()) names.emplace_back(group.name);
  return names;
}

Groups groups_called(const std::vector<std::string>& names) {
  Groups groups;
  for (const std::string& name : names) groups.push_back(&group_called(name));
  return groups;
}

std::string description(std::string_view group) { return group_called(group).doc; }
bool takes_time(std::vector<std::string> names) { return take_time(groups_called(names)); }

class ReadingHandle : public Resource {
 public:
  explicit ReadingHandle(Reading read) : reading(std::move(read)) {}
  std::string describe() const override { return "Reading of this machine"; }
  const Reading reading;
};

Ref read_now(std::vector<std::string> names) {
  return make_handle(new ReadingHandle(read_here(groups_called(names))));
}

const Reading& reading_of(Value v) {
  auto* found = resource_of<ReadingHandle>(v);
  if (!found) throw_class_cast(v, "a reading of this machine");
  return found->reading;
}

Ref facts_by_name(const Groups& groups, const Reading& first, const Reading& last) {
  Fields facts;
  for (const Group* group : groups)
    facts.put(group->name, group->rates ? group->rates(first, last) : group->facts(last));
  return facts.made();
}

Ref facts_of(std::vector<std::string> names, Value first, Value last) {
  return facts_by_name(groups_called(names), reading_of(first), reading_of(last));
}

std::string script(std::vector<std::string> names, std::string_view mark, int64_t seconds) {
  return script_of(groups_called(names), mark, seconds);
}

Ref facts_in(std::vector<std::string> names, std::string_view mark, Value output) {
  const Groups groups = groups_called(names);
  auto readings = read_output(groups, mark, bytes_of(output));
  if (!readings) throw_result(readings.error());
  return facts_by_name(groups, readings.value().front(), readings.value().back());
}

const NativeDef k_defs[] = {
    def_native<groups>("reops.facts.native", "groups", "([])", "The names of all groups of facts."),
    def_native<description>("reops.facts.native", "description", "([group])", "What is in a group of facts."),
    def_native<takes_time>("reops.facts.native", "takes-time?", "([groups])",
                           "Whether groups need two readings, some time apart."),
    def_native<read_now>("reops.facts.native", "read-now", "([groups])",
                         "What this machine says now of what groups are about."),
    def_native<facts_of>(
        "reops.facts.native", "facts-of", "([groups first last])",
        "{group facts} of two readings of read-now, which may be the same where no time is taken."),
    def_native<script>(
        "reops.facts.native", "script", "([groups mark seconds])",
        "Shell that has another machine say what groups are about. mark is a word that is hard "
        "to guess; where time is taken all is read twice, so many seconds apart."),
    def_native<facts_in>("reops.facts.native", "facts-in", "([groups mark output])",
                         "{group facts} in what such shell printed."),
};

}  // namespace

const NativeModule k_natives = {"facts", k_defs};

}  // namespace reops::facts

REOPS_MODULE(reops::facts::k_natives)
