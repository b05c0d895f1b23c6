#include "relay_label.hpp"

#include "mplane/model/detail/label.hpp"
#include "mplane/model/detail/md5.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace mplane::detail {
namespace {

constexpr std::string_view kLabel = "{label}";
constexpr std::string_view kComponent = "{component}";

/// A pattern cut at its words: the text before, between and after them.
struct Cut {
  std::vector<std::string_view> words;
  std::vector<std::string_view> texts;  // one more
};

Cut cut(std::string_view pattern) {
  Cut parts;
  for (std::size_t at = 0; at < pattern.size();) {
    const std::string_view rest = pattern.substr(at);
    const std::string_view word = rest.starts_with(kLabel)       ? kLabel
                                  : rest.starts_with(kComponent) ? kComponent
                                                                 : std::string_view();
    if (word.empty()) {
      ++at;
      continue;
    }
    parts.words.push_back(word);
    parts.texts.push_back(pattern.substr(0, at));
    pattern.remove_prefix(at + word.size());
    at = 0;
  }
  parts.texts.push_back(pattern);
  return parts;
}

/// Whether both names are read from the text between them where it is searched for: at its last
/// place if the label comes first, so that labels of a supervisor below may have it, too.
bool can_be_read(const Cut& parts, const std::string_view label, const std::string_view component) {
  if (parts.words.size() != 2 || parts.words[0] == parts.words[1]) return false;
  const std::string_view between = parts.texts[1];
  if (between.empty()) return false;
  std::string all(parts.words[0] == kLabel ? label : component);
  const std::size_t place = all.size();
  all += between;
  all += parts.words[0] == kLabel ? component : label;
  return place == (parts.words[0] == kLabel ? all.rfind(between) : all.find(between));
}

/// Whether it ends as marks do.
bool seems_marked(const std::string_view text, const std::size_t mark) {
  if (text.size() < mark || text[text.size() - mark] != '-') return false;
  return text.find_first_not_of("0123456789abcdef", text.size() - mark + 1) ==
         std::string_view::npos;
}

}  // namespace

std::string relay_label(const std::string_view pattern, const std::string_view label,
                        const std::string_view component) {
  const Cut parts = cut(pattern);
  std::string text;
  for (std::size_t i = 0; i < parts.words.size(); ++i) {
    text += parts.texts[i];
    text += parts.words[i] == kLabel ? label : component;
  }
  text += parts.texts.back();
  const std::string mark = "-" + md5_hex(std::string(label) + '\n' + std::string(component));
  const bool is_clear =
      is_label(text) && can_be_read(parts, label, component) && !seems_marked(text, mark.size());
  if (is_clear) return text;
  std::replace_if(
      text.begin(), text.end(), [](const char c) { return !is_label_letter(c); }, '_');
  text.resize(std::min(text.size(), kLongestLabel - mark.size()));
  return text + mark;
}

}  // namespace mplane::detail
