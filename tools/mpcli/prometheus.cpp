#include "prometheus.hpp"

#include "mplane/tools/text.hpp"

#include <algorithm>
#include <array>

namespace mplane {
namespace {

bool is_letter_or_digit(const char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string identifier_of(std::string_view text) {
  std::string name(text);
  std::replace_if(
      name.begin(), name.end(), [](const char c) { return !is_letter_or_digit(c); }, '_');
  return name;
}

std::string help_of(const Element& element) { return printable(element.description()); }

}  // namespace

std::pair<std::string, std::string> label_of(const std::string_view name,
                                             const std::string_view value) {
  return {identifier_of(name), printable(value)};
}

Metric metric_of(const Element& element) {
  struct Unit {
    std::string_view name;
    double divisor;
  };
  constexpr std::array<Unit, 4> kUnits{{{".ns", 1e9}, {".us", 1e6}, {".ms", 1e3}, {".s", 1}}};
  std::string name = element.name() + ".";
  if (element.primitive() == Primitive::Time) {
    return {"mplane_" + identifier_of(element.name()) + "_timestamp_seconds", help_of(element)};
  }
  for (const auto& [unit, divisor] : kUnits) {
    const std::size_t at = name.find(std::string(unit) + ".");
    if (at == std::string::npos) continue;
    name.erase(at, unit.size());
    const std::string help = help_of(element) + (divisor == 1 ? "" : " Here in seconds.");
    return {"mplane_" + identifier_of(name) + "seconds", help, divisor};
  }
  return {"mplane_" + identifier_of(element.name()), help_of(element)};
}

std::optional<double> number_of(const Value& value) {
  const auto& alternatives = value.alternatives();
  if (const auto* natural = std::get_if<std::uint64_t>(&alternatives)) {
    return static_cast<double>(*natural);
  }
  if (const auto* real = std::get_if<double>(&alternatives)) return *real;
  if (const auto* boolean = std::get_if<bool>(&alternatives)) return *boolean ? 1 : 0;
  const auto* time = std::get_if<Time>(&alternatives);
  if (time == nullptr || !time->is_definite()) return {};
  return std::chrono::duration<double>(time->instant().time_since_epoch()).count();
}

}  // namespace mplane
