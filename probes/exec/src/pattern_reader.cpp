// Named regular expressions, by RE2: linear in the text whatever the pattern.

#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "row_reader.hpp"

#include <algorithm>
#include <utility>

#include <re2/re2.h>

namespace mplane::detail {
namespace {

/// A pattern, and which group of it each column takes; 0 for none.
struct Pattern {
  std::unique_ptr<const re2::RE2> expression;
  std::vector<std::size_t> groups;
};

Pattern compile(const std::string& text, const std::vector<ExecColumn>& columns) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  Pattern pattern{std::make_unique<re2::RE2>(text, options), {}};
  if (!pattern.expression->ok()) {
    throw Error(ErrorKind::Configuration, "patterns",
                quoted(text) + " is no pattern: " + pattern.expression->error());
  }
  const auto& names = pattern.expression->NamedCapturingGroups();
  for (const ExecColumn& column : columns) {
    const auto found = names.find(column.source);
    pattern.groups.push_back(found == names.end() ? 0 : static_cast<std::size_t>(found->second));
  }
  return pattern;
}

class PatternReader final : public RowReader {
 public:
  explicit PatternReader(const ExecSettings& settings)
      : by_line_(settings.format == ExecFormat::Lines) {
    for (const std::string& text : settings.patterns) {
      patterns_.push_back(compile(text, settings.results));
    }
    for (std::size_t column = 0; column < settings.results.size(); ++column) {
      expect_group(settings.results[column], column);
    }
  }

  std::string_view unit() const noexcept override { return by_line_ ? "line" : "text"; }

  void read(std::string_view text, const bool cut, const TakeRow& take) const override {
    if (!by_line_) return read_whole(text, take);
    if (cut) text = text.substr(0, text.rfind('\n') + 1);
    for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      read_line(line, number, take);
    }
  }

 private:
  void expect_group(const ExecColumn& column, const std::size_t index) const {
    NearMiss guess(column.source);
    for (const Pattern& pattern : patterns_) {
      if (pattern.groups[index] != 0) return;
      for (const auto& [name, group] : pattern.expression->NamedCapturingGroups()) {
        guess.consider(name);
      }
    }
    throw Error(ErrorKind::Configuration, "results/" + column.element,
                "no pattern has a group (?P<" + column.source + ">…)" + guess.hint());
  }

  // The first pattern that matches has the line.
  void read_line(const std::string_view line, const std::size_t number, const TakeRow& take) const {
    for (const Pattern& pattern : patterns_) {
      TextRow row(pattern.groups.size());
      if (!match(pattern, line, row)) continue;
      return take(row, number);
    }
  }

  void read_whole(const std::string_view text, const TakeRow& take) const {
    TextRow row(patterns_.front().groups.size());
    bool matched = false;
    for (const Pattern& pattern : patterns_) matched = match(pattern, text, row) || matched;
    if (matched) take(row, 1);
  }

  /// Fills in the cells that have no value yet.
  static bool match(const Pattern& pattern, const std::string_view text, TextRow& row) {
    std::vector<re2::StringPiece> groups(
        1 + static_cast<std::size_t>(pattern.expression->NumberOfCapturingGroups()));
    const re2::StringPiece whole(text.data(), text.size());
    if (!pattern.expression->Match(whole, 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                                   static_cast<int>(groups.size()))) {
      return false;
    }
    for (std::size_t column = 0; column < row.size(); ++column) {
      const re2::StringPiece& group = groups[pattern.groups[column]];
      const bool has_value = pattern.groups[column] != 0 && group.data() != nullptr;
      if (has_value && !row[column]) row[column].emplace(group.data(), group.size());
    }
    return true;
  }

  const bool by_line_;
  std::vector<Pattern> patterns_;
};

}  // namespace

std::unique_ptr<const RowReader> make_pattern_reader(const ExecSettings& settings) {
  return std::make_unique<PatternReader>(settings);
}

}  // namespace mplane::detail
