#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/probes/exec/request.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace mplane {
namespace {

constexpr std::string_view kDuration = "@duration";
constexpr std::string_view kPeriod = "@period";
constexpr std::string_view kCount = "@count";
constexpr std::size_t kLongest = 4096;

[[noreturn]] void refuse(std::string message) {
  throw Error(ErrorKind::Configuration, "arguments", std::move(message));
}

/// Of the brace at a place, where its other one is.
std::size_t close_of(const std::string_view text, const std::size_t at) {
  const std::size_t close = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
  if (close != std::string_view::npos) return close;
  refuse(quoted(text) + " has a brace without its other one; a brace itself is written twice");
}

void check_place(const std::string& name, const Capability& capability) {
  NearMiss guess(name);
  for (const std::string_view known : {kDuration, kPeriod, kCount}) {
    if (name == known) return;
    guess.consider(known);
  }
  for (const Element* const parameter : capability.schema().parameters()) {
    if (name == parameter->name()) return;
    guess.consider(parameter->name());
  }
  refuse("there is no parameter " + quoted(name) + " to fill in" + guess.hint());
}

std::int64_t seconds_left(const When& when, const Instant now) {
  const Interval left = when.interval(now);
  if (when.is_singleton()) return 0;
  if (!left.end.is_definite()) {
    throw Error(ErrorKind::Invalid, "when",
                "the program has to be told how long to measure: the scope needs an end");
  }
  const Instant start = left.start.is_definite() ? std::max(left.start.instant(), now) : now;
  const Duration length = std::max(left.end.instant() - start, Duration(0));
  return std::chrono::ceil<std::chrono::seconds>(length).count();
}

std::int64_t period(const When& when) {
  const Duration period = when.inner().period().value_or(std::chrono::seconds(1));
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(period).count());
}

std::string text_of(const Specification& specification, const std::string& place,
                    const Instant now) {
  const When& when = specification.when();
  if (place == kDuration) return std::to_string(seconds_left(when, now));
  if (place == kPeriod) return std::to_string(period(when));
  if (place == kCount) {
    const std::int64_t step = period(when);
    return std::to_string(std::max<std::int64_t>(1, (seconds_left(when, now) + step - 1) / step));
  }
  const Value& value = specification.value(place);
  const std::string where = "parameters/" + place;
  if (!value.has_value()) throw Error(ErrorKind::Invalid, where, "has no value");
  std::string text = to_string(value);
  if (text.find('\0') != std::string::npos) {
    throw Error(ErrorKind::Invalid, where, quoted(text) + " has a NUL in it");
  }
  if (text.size() > kLongest) {
    throw Error(ErrorKind::Invalid, where,
                quoted(text) + " is longer than " + std::to_string(kLongest) + " bytes");
  }
  return text;
}

}  // namespace

ArgumentTemplates::ArgumentTemplates(const std::vector<std::string>& texts,
                                     const Capability& capability) {
  std::set<std::string> used;
  for (const std::string& text : texts) {
    templates_.push_back(parse(text, capability));
    for (const Piece& piece : templates_.back()) {
      if (piece.is_place) used.insert(piece.text);
    }
  }
  for (const Element* const parameter : capability.schema().parameters()) {
    const std::string& name = parameter->name();
    if (used.contains(name) || capability.constraint(name).single() != nullptr) continue;
    throw Error(ErrorKind::Configuration, "parameters/" + name,
                "no argument has a place for '" + name + "': write {" + name + "} in one");
  }
}

ArgumentTemplates::Template ArgumentTemplates::parse(const std::string_view text,
                                                     const Capability& capability) {
  Template pieces;
  std::string plain;
  const auto end_plain = [&] {
    if (!plain.empty()) pieces.push_back({std::exchange(plain, {}), false});
  };
  if (text.find('\0') != std::string_view::npos) refuse(quoted(text) + " has a NUL in it");
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool doubled = at + 1 < text.size() && text[at + 1] == c;
    if (c != '{' && c != '}') {
      plain += c;
    } else if (doubled) {
      plain += c;
      ++at;
    } else {
      const std::size_t close = close_of(text, at);
      end_plain();
      pieces.push_back({std::string(text.substr(at + 1, close - at - 1)), true});
      check_place(pieces.back().text, capability);
      at = close;
    }
  }
  end_plain();
  return pieces;
}

std::vector<std::string> ArgumentTemplates::fill(const Specification& specification,
                                                 const Instant now) const {
  std::vector<std::string> arguments;
  bool options_ended = false;
  for (const Template& pieces : templates_) {
    std::string& argument = arguments.emplace_back();
    for (const Piece& piece : pieces) {
      argument += piece.is_place ? text_of(specification, piece.text, now) : piece.text;
    }
    const bool ours = pieces.empty() || !pieces.front().is_place;
    if (!ours && !options_ended && argument.starts_with('-')) {
      throw Error(ErrorKind::Invalid, "parameters/" + pieces.front().text,
                  quoted(argument) + " begins with '-': the program would take it for an option");
    }
    options_ended = options_ended || (ours && argument == "--");
  }
  return arguments;
}

}  // namespace mplane
