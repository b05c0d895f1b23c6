#include "comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace {

constexpr std::array<std::string_view, 2> kIgnored = {"repr", "message"};

bool is_ignored(const std::string_view name) noexcept {
  return std::find(kIgnored.begin(), kIgnored.end(), name) != kIgnored.end();
}

// Of a message's JSON all counts, also what is there and was not expected.
bool is_exact(const std::string_view path) noexcept {
  return path.starts_with("json") || path.find("/json") != std::string_view::npos;
}

bool is_real(const Json& json) noexcept {
  return std::holds_alternative<double>(json.alternatives());
}

// Whole numbers to the digit, real ones as far as two languages agree on them.
bool same_number(const Json& expected, const Json& actual) {
  if (!is_real(expected) && !is_real(actual)) return to_string(expected) == to_string(actual);
  const double a = expected.number();
  const double b = actual.number();
  return std::abs(a - b) <= 1e-6 * std::max({1.0, std::abs(a) * 1e-6, std::abs(b) * 1e-6});
}

std::string shown(const Json& json) {
  constexpr std::size_t kLongest = 2000;
  const std::string text = to_string(json);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
}

class Comparison {
 public:
  void compare(const Json& expected, const Json& actual, const std::string& path) {
    if (is_refusal(expected) || is_refusal(actual)) {
      if (is_refusal(expected) != is_refusal(actual)) differ(path, expected, actual);
    } else if (expected.is_object() && actual.is_object()) {
      compare_objects(expected.object(), actual, path);
    } else if (expected.is_array() && actual.is_array()) {
      compare_arrays(expected.array(), actual.array(), path);
    } else if (expected.is_number() && actual.is_number()) {
      if (!same_number(expected, actual)) differ(path, expected, actual);
    } else if (to_string(expected) != to_string(actual)) {
      differ(path, expected, actual);
    }
  }

  std::vector<Difference> take() { return std::move(differences_); }

 private:
  void compare_objects(const Json::Object& expected, const Json& actual, const std::string& path) {
    const bool exact = is_exact(path);
    for (const auto& [name, value] : actual.object()) {
      if (exact && expected.count(name) == 0) {
        differences_.push_back({path + "/" + name, "nothing", shown(value)});
      }
    }
    for (const auto& [name, value] : expected) {
      if (is_ignored(name) && !exact) continue;
      const Json* const found = actual.find(name);
      const std::string inner = path.empty() ? name : path + "/" + name;
      if (found == nullptr) {
        differences_.push_back({inner, shown(value), "nothing"});
      } else {
        compare(value, *found, inner);
      }
    }
  }

  void compare_arrays(const Json::Array& expected, const Json::Array& actual,
                      const std::string& path) {
    if (expected.size() != actual.size()) {
      differ(path, expected, actual);
      return;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      compare(expected[i], actual[i], path + "/" + std::to_string(i));
    }
  }

  void differ(const std::string& path, const Json& expected, const Json& actual) {
    differences_.push_back(
        {path, is_refusal(expected) ? "a refusal" : shown(expected),
         is_refusal(actual) ? "a refusal: " + actual.at("raises").text() : shown(actual)});
  }

  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> compare(const Json& expected, const Json& actual) {
  Comparison comparison;
  comparison.compare(expected, actual, {});
  return comparison.take();
}

bool is_refusal(const Json& json) noexcept { return json.find("raises") != nullptr; }
