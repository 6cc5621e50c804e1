#include "ssh/config_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/folders.hpp"
#include "ssh/host_pattern.hpp"

namespace reops::ssh {
namespace {

// As deep as OpenSSH goes; a file that includes itself ends here.
constexpr int k_deepest_include = 16;

bool is_space(char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; }

base::Error config_error(const std::string& message, const std::string& path) {
  return base::Error{"ssh/config", message, {{"path", path}}};
}

base::Result<void> check_owner(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) < 0) return {};  // whoever reads it reports it
  const bool owner_is_trusted = info.st_uid == 0 || info.st_uid == ::geteuid();
  if (owner_is_trusted && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return config_error(
      path +
          " can be changed by other users, who could redirect your connections; make it yours "
          "alone with: chmod go-w " +
          path,
      path);
}

}  // namespace

struct ConfigLines::Source {
  std::string relative_to;
  bool is_users;
};

base::Result<bool> ConfigBlock::holds(const ConfigFacts& facts) const {
  for (const Criterion& criterion : criteria) {
    bool matches = false;
    if (criterion.subject == "all")
      matches = true;
    else if (criterion.subject == "originalhost")
      matches = matches_patterns(criterion.patterns, facts.name);
    else if (criterion.subject == "host")
      matches = matches_patterns(criterion.patterns, facts.host);
    else if (criterion.subject == "user")
      matches = matches_patterns(criterion.patterns, facts.user);
    else if (criterion.subject == "localuser")
      matches = matches_patterns(criterion.patterns, facts.local_user);
    else
      return config_error(
          where + ": Match " + criterion.subject + " might apply to " + facts.name +
              " and is not supported (host, originalhost, user, localuser and all are), so it is refused "
              "rather "
              "than ignored; if it is not meant for this host, put a criterion before it that says so",
          where);
    if (matches == criterion.negated) return false;
  }
  return true;
}

namespace {

base::Result<std::vector<ConfigBlock::Criterion>> read_criteria(const ConfigLine& line) {
  if (line.keyword == "host")
    return std::vector<ConfigBlock::Criterion>{{"originalhost", false, line.arguments}};
  std::vector<ConfigBlock::Criterion> criteria;
  for (std::size_t i = 0; i < line.arguments.size(); ++i) {
    std::string subject = to_lower(line.arguments[i]);
    ConfigBlock::Criterion criterion;
    criterion.negated = subject.starts_with('!');
    // OpenSSH also takes "host=pattern".
    const std::size_t equals = subject.find('=');
    criterion.subject = subject.substr(criterion.negated ? 1 : 0,
                                       equals == std::string::npos ? equals : equals - criterion.negated);
    const bool alone =
        criterion.subject == "all" || criterion.subject == "final" || criterion.subject == "canonical";
    if (!alone) {
      if (equals != std::string::npos)
        criterion.patterns = split_list(line.arguments[i].substr(equals + 1), ',');
      else if (i + 1 < line.arguments.size())
        criterion.patterns = split_list(line.arguments[++i], ',');
      else
        return config_error(line.where + ": Match " + criterion.subject + " names nothing to match",
                            line.where);
    }
    criteria.push_back(std::move(criterion));
  }
  return criteria;
}

}  // namespace

base::Result<std::vector<std::string>> config_words(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (at < line.size() && is_space(line[at])) ++at;
  };
  skip_spaces();
  while (at < line.size() && line[at] != '#') {
    std::string word;
    if (words.empty()) {
      while (at < line.size() && !is_space(line[at]) && line[at] != '=') word += line[at++];
      words.push_back(std::move(word));
      skip_spaces();
      if (at < line.size() && line[at] == '=') ++at;
    } else {
      bool quoted = false;
      for (; at < line.size() && (quoted || !is_space(line[at])); ++at) {
        if (line[at] == '"')
          quoted = !quoted;
        else if (line[at] == '\\' && at + 1 < line.size() && (line[at + 1] == '"' || line[at + 1] == '\\'))
          word += line[++at];
        else
          word += line[at];
      }
      if (quoted) return config_error("the quotation mark does not end on its line", "");
      words.push_back(std::move(word));
    }
    skip_spaces();
  }
  return words;
}

base::Result<void> ConfigLines::add_file(const std::string& path, const std::string& relative_to,
                                         bool is_users) {
  return read(path, nullptr, 0, Source{relative_to, is_users});
}

base::Result<void> ConfigLines::read(const std::string& path, const ConfigBlock* outer, int depth,
                                     const Source& source) {
  if (depth > k_deepest_include)
    return config_error(path + " is included too deeply; does it include itself?", path);
  base::Result<std::string> text = base::read_file(path);
  if (!text && text.error().type == "file/not-found") return {};
  if (!text) return config_error(text.error().message, path);
  if (source.is_users)
    if (base::Result<void> owner = check_owner(path); !owner) return owner;

  const ConfigBlock* block = outer;
  std::size_t number = 0;
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    base::Result<std::vector<std::string>> words = config_words(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::string where = path + ":" + std::to_string(++number);
    if (!words) return config_error(where + ": " + words.error().message, path);
    if (words.value().empty()) continue;

    ConfigLine line;
    line.written = words.value()[0];
    line.keyword = to_lower(line.written);
    line.arguments.assign(words.value().begin() + 1, words.value().end());
    line.where = where;
    line.block = block;
    if (line.arguments.empty()) return config_error(where + ": " + line.written + " has no value", path);
    if (line.keyword == "host" || line.keyword == "match") {
      auto criteria = read_criteria(line);
      if (!criteria) return criteria.take_error();
      blocks_.push_back(ConfigBlock{std::move(criteria).value(), outer, where});
      block = &blocks_.back();
    } else if (line.keyword == "include") {
      if (base::Result<void> included = include(line, depth, source); !included) return included;
    } else {
      lines_.push_back(std::move(line));
    }
  }
  return {};
}

base::Result<void> ConfigLines::include(const ConfigLine& line, int depth, const Source& source) {
  for (const std::string& argument : line.arguments) {
    const std::string pattern = base::join_path(source.relative_to, base::expand_home(argument));
    for (const std::string& path : base::glob_paths(pattern))
      if (base::Result<void> done = read(path, line.block, depth + 1, source); !done) return done;
  }
  return {};
}

}  // namespace reops::ssh
