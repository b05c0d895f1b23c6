#include "link_page.hpp"

#include <algorithm>
#include <optional>

namespace mplane::detail {
namespace {

bool is_space(const char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

char lower(const char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(const std::string_view a, const std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const char x, const char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// "&amp;" is the only entity that links need.
std::string unescaped(std::string_view text) {
  constexpr std::string_view kEntity = "&amp;";
  std::string plain;
  for (std::size_t at = text.find(kEntity); at != std::string_view::npos; at = text.find(kEntity)) {
    plain.append(text.substr(0, at + 1));
    text.remove_prefix(at + kEntity.size());
  }
  return plain.append(text);
}

/// Reads a page from left to right.
class LinkReader {
 public:
  explicit LinkReader(const std::string_view html) : rest_(html) {}

  /// The target of the next link, or nothing at the end.
  std::optional<std::string_view> next() {
    while (skip_past("<")) {
      if (rest_.starts_with("!--")) {
        if (!skip_past("-->")) return {};
      } else if (equal_ignoring_case(name(), "a")) {
        if (const auto target = href()) return target;
      }
    }
    return {};
  }

 private:
  /// Whether the text was there; what follows it is the rest.
  bool skip_past(const std::string_view text) {
    const std::size_t at = rest_.find(text);
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + text.size());
    return at != std::string_view::npos;
  }

  template <typename Predicate>
  std::string_view take_until(const Predicate ends) {
    const auto end = std::find_if(rest_.begin(), rest_.end(), ends);
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void skip_space() {
    take_until([](const char c) { return !is_space(c); });
  }

  std::string_view name() {
    return take_until(
        [](const char c) { return is_space(c) || c == '=' || c == '>' || c == '/' || c == '<'; });
  }

  /// The first href of a tag whose name was read. Ends behind it, or at the end of the tag.
  std::optional<std::string_view> href() {
    while (true) {
      take_until([](const char c) { return !is_space(c) && c != '/' && c != '='; });
      if (rest_.empty() || rest_.front() == '>' || rest_.front() == '<') return {};
      const std::string_view attribute = name();
      skip_space();
      if (!rest_.starts_with('=')) continue;
      rest_.remove_prefix(1);
      skip_space();
      const std::string_view text = value();
      if (equal_ignoring_case(attribute, "href")) return trimmed(text);
    }
  }

  std::string_view value() {
    if (!rest_.starts_with('"') && !rest_.starts_with('\'')) {
      return take_until([](const char c) { return is_space(c) || c == '>'; });
    }
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    const std::string_view text = take_until([quote](const char c) { return c == quote; });
    if (!rest_.empty()) rest_.remove_prefix(1);
    return text;
  }

  std::string_view rest_;
};

}  // namespace

std::vector<std::string> find_links(const std::string_view html, const std::size_t limit) {
  std::vector<std::string> links;
  LinkReader reader(html);
  while (links.size() < limit) {
    const auto target = reader.next();
    if (!target) break;
    links.push_back(unescaped(*target));
  }
  return links;
}

}  // namespace mplane::detail
