// The shell's commands about defaults: when, set, unset, show, format, tbenable.

#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/text.hpp"
#include "shell_session.hpp"

#include <ostream>

namespace mplane {

void ShellSession::set_when(const std::string& rest) {
  const auto text = given(rest, "when = ", &ShellSession::scopes);
  if (text) when_ = to_string(When::parse(*text));
}

/// An element that any of the capabilities, or else a registry, knows by that name.
const Element* ShellSession::find_element(const std::string& name) const {
  for (const Offer& one : client_.offers()) {
    const Schema& schema = one.capability.schema();
    if (const auto place = schema.find_parameter(name)) return schema.parameters()[*place];
  }
  if (const Element* const element = registry_.find(name)) return element;
  for (const Registry& other : registry_.others()) {
    if (const Element* const element = other.find(name)) return element;
  }
  return nullptr;
}

void ShellSession::check_default(const std::string& element, const std::string& value) const {
  const Element* const known = find_element(element);
  if (known == nullptr) {
    NearMiss guess(element);
    const Words names = element_and_value({});
    for (const std::string& name : names) guess.consider(name);
    throw Error(ErrorKind::Configuration, "",
                "no registry has an element " + mplane::quoted(element) + guess.hint());
  }
  Value::parse(known->primitive(), value);
}

void ShellSession::set(const std::string& rest) {
  const std::size_t blank = rest.find_first_of(" \t=");
  const auto element = given(rest.substr(0, blank), "element = ", &ShellSession::element_and_value);
  if (!element) return;
  std::string value;
  if (blank != std::string::npos) {
    const std::size_t begin = rest.find_first_not_of(" \t=", blank);
    if (begin != std::string::npos) value = rest.substr(begin);
  }
  if (value.empty()) {
    const auto answer = ask(*element + " = ", values_of(*element));
    if (!answer) return;
    value = *answer;
  }
  check_default(*element, value);
  defaults_[*element] = value;
}

void ShellSession::unset(const std::string& rest) {
  const auto element = given(rest, "element = ", &ShellSession::default_names);
  if (!element) return;
  if (*element == "when" && !when_.empty()) {
    when_.clear();
  } else if (defaults_.erase(*element) == 0) {
    throw Error(ErrorKind::Configuration, "", mplane::quoted(*element) + " is not set");
  }
}

void ShellSession::show(const std::string& rest) {
  TextTable table({TextTable::Align::Left, TextTable::Align::Left});
  const auto add = [&](const std::string& name, const std::string& value) {
    if (rest.empty() || rest == name) table.add({name, value});
  };
  if (!options_.urls.empty()) add("url", joined(options_.urls, " "));
  if (!when_.empty()) add("when", when_);
  for (const auto& [name, value] : defaults_) add(name, value);
  if (rest.empty() || rest == "format") {
    table.add({"format", std::string(format_names()[static_cast<std::size_t>(format())])});
  }
  if (table.row_count() == 0) {
    throw Error(ErrorKind::Configuration, "", mplane::quoted(rest) + " is not set");
  }
  console_.out << table.to_string() << std::flush;
}

void ShellSession::set_format(const std::string& rest) {
  const auto name = given(rest, "format = ", &ShellSession::formats);
  if (name) options_.format = parse_format(*name);
}

void ShellSession::tbenable(const std::string& rest) {
  if (!rest.empty() && rest != "on" && rest != "off") {
    throw Error(ErrorKind::Configuration, "", mplane::quoted(rest) + " is neither on nor off");
  }
  details_ = rest != "off";
  console_.out << "details of errors are " << (details_ ? "shown" : "not shown") << '\n';
}

}  // namespace mplane
