#include "message_list.hpp"

#include "mplane/model/json.hpp"

#include <optional>
#include <string>

namespace mplane::detail {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Walks over JSON from left to right, counting brackets outside of strings.
class Splitter {
 public:
  explicit Splitter(const std::string_view json) : json_(json) {}

  std::vector<std::string_view> split() {
    std::vector<std::string_view> elements;
    for (bool more = enter(); more; step()) {
      const std::size_t begin = at_;
      if (!find_end()) break;
      const std::string_view element = trimmed(json_.substr(begin, at_ - begin));
      if (!element.empty()) elements.push_back(element);
      more = json_[at_] == ',';
    }
    return elements;
  }

 private:
  /// At the comma or bracket behind an element; false when the text ends before.
  bool find_end() {
    for (std::size_t depth = 0; at_ < json_.size(); step()) {
      const char c = json_[at_];
      const bool closes = c == ']' || c == '}';
      if (depth == 0 && (closes || c == ',')) return true;
      if (c == '[' || c == '{') ++depth;
      if (closes) --depth;
    }
    return false;
  }

  /// Behind the bracket that opens the array; false when there is none.
  bool enter() {
    at_ = json_.find_first_not_of(kSpace);
    if (at_ == std::string_view::npos) return false;
    if (json_[at_] == '{' && !find_contents()) return false;
    if (at_ >= json_.size() || json_[at_] != '[') return false;
    ++at_;
    return true;
  }

  /// At the value of the outermost object's last member "contents", as of duplicate keys the last
  /// counts.
  bool find_contents() {
    std::size_t depth = 0;
    std::size_t found = std::string_view::npos;
    while (at_ < json_.size()) {
      const std::size_t begin = at_;
      const char c = json_[at_];
      step();
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      if (depth == 0) break;
      if (depth != 1 || json_.substr(begin, at_ - begin) != "\"contents\"") continue;
      const std::size_t colon = json_.find_first_not_of(kSpace, at_);
      if (colon == std::string_view::npos || json_[colon] != ':') continue;
      found = json_.find_first_not_of(kSpace, colon + 1);
    }
    at_ = found;
    return found != std::string_view::npos;
  }

  /// Over one character, or one string.
  void step() {
    if (json_[at_] != '"') {
      ++at_;
      return;
    }
    for (++at_; at_ < json_.size() && json_[at_] != '"'; ++at_) {
      if (json_[at_] == '\\') ++at_;
    }
    if (at_ < json_.size())
      ++at_;
    else
      at_ = json_.size();
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

/// More than so many that cannot be read, and the list is given up: failing takes its time, too.
constexpr std::size_t kMostUnreadable = 1000;

std::vector<Message> contents_of(const Message& message) {
  if (const auto* envelope = message.find<Envelope>()) return envelope->messages();
  return {message};
}

/// What can be read of a list that cannot be read as a whole.
std::vector<Message> decode_each(const std::string_view json, const Registry& registry,
                                 const Unreadable& unreadable) {
  std::vector<Message> readable;
  std::size_t failures = 0;
  for (const std::string_view element : split_list(json)) {
    try {
      readable.push_back(decode(element, registry));
    } catch (const Error& why) {
      if (++failures > kMostUnreadable) throw;
      unreadable(why);
    }
  }
  return readable;
}

}  // namespace

std::vector<std::string_view> split_list(const std::string_view json) {
  return Splitter(json).split();
}

std::vector<Message> decode_list(const std::string_view json, const Registry& registry,
                                 const Unreadable& unreadable) {
  try {
    // A list is read as the contents of an envelope.
    if (!trimmed(json).starts_with('[')) return contents_of(decode(json, registry));
    return contents_of(
        decode(R"({"envelope":"message","contents":)" + std::string(json) + "}", registry));
  } catch (const Error&) {
    std::vector<Message> readable = decode_each(json, registry, unreadable);
    if (readable.empty()) throw;
    return readable;
  }
}

}  // namespace mplane::detail
