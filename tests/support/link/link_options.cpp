#include "support/link/link_options.hpp"

#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace mplane::test {
namespace {

using std::chrono::nanoseconds;

double number(const std::string& text, std::string_view& rest) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 0) throw std::invalid_argument(text + " is no number");
  rest = std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end));
  return value;
}

double chance(const std::string& text) {
  std::string_view rest;
  const double value = number(text, rest);
  if (!rest.empty() || value > 1) throw std::invalid_argument(text + " is no chance from 0 to 1");
  return value;
}

nanoseconds duration(const std::string& text) {
  static const std::map<std::string_view, double> kUnits{
      {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  std::string_view rest;
  const double value = number(text, rest);
  const auto unit = kUnits.find(rest);
  if (unit == kUnits.end()) throw std::invalid_argument(text + " has no unit of ns, us, ms, s");
  return nanoseconds(std::llround(value * unit->second));
}

// Sets one property of an impairment; whether there is one of that name.
bool set(Impairment& impairment, const std::string& property, const std::string& value) {
  if (property == "delay") {
    impairment.delay = duration(value);
  } else if (property == "loss") {
    impairment.loss = chance(value);
  } else if (property == "duplicate") {
    impairment.duplicate = chance(value);
  } else if (property == "reorder") {
    impairment.reorder = chance(value);
  } else if (property == "reorder-by") {
    impairment.reorder_by = duration(value);
  } else {
    return false;
  }
  return true;
}

bool set_impairment(LinkSettings& settings, const std::string& name, const std::string& value) {
  const std::string property = name.size() > 3 ? name.substr(0, name.size() - 3) : name;
  if (name.ends_with("-ab")) return set(settings.a_to_b, property, value);
  if (name.ends_with("-ba")) return set(settings.b_to_a, property, value);
  return set(settings.a_to_b, name, value) && set(settings.b_to_a, name, value);
}

bool set_option(LinkOptions& options, const std::string& name, const std::string& value) {
  if (name == "a") {
    options.interface_a = value;
  } else if (name == "b") {
    options.interface_b = value;
  } else if (name == "log") {
    options.log_file = value;
  } else if (name == "seed") {
    std::string_view rest;
    options.settings.seed = static_cast<std::uint64_t>(number(value, rest));
  } else {
    return set_impairment(options.settings, name, value);
  }
  return true;
}

}  // namespace

LinkOptions parse_link_options(const std::vector<std::string>& arguments) {
  LinkOptions options;
  for (std::size_t n = 0; n < arguments.size(); n += 2) {
    const std::string& name = arguments[n];
    if (!name.starts_with("--")) throw std::invalid_argument(name + " is no option");
    if (n + 1 == arguments.size()) throw std::invalid_argument(name + " lacks its value");
    if (!set_option(options, name.substr(2), arguments[n + 1])) {
      throw std::invalid_argument("there is no option " + name);
    }
  }
  if (options.interface_a.empty() || options.interface_b.empty()) {
    throw std::invalid_argument("--a and --b name the two interfaces");
  }
  return options;
}

}  // namespace mplane::test
