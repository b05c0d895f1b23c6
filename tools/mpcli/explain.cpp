// What a capability means, in words.

#include "mplane/model/duration.hpp"
#include "mplane/tools/text.hpp"
#include "show_capability.hpp"

#include <string_view>

namespace mplane {
namespace {

std::string scope_in_words(const When& when) {
  std::string text;
  if (when.is_past() || when.is_infinite()) {
    text = "asks about what was measured before";
  } else if (when.is_singleton()) {
    text = "is measured once, at " + to_string(when);
  } else {
    text = "can be measured at any time of \"" + to_string(when) + "\"";
  }
  if (const auto period = when.inner().period()) {
    text += ", every " + to_string(*period) + " at most";
  }
  return text;
}

std::string constraint_in_words(const Constraint& constraint) {
  if (constraint.is_any()) return "yours to choose";
  if (const Value* const only = constraint.single()) return "always " + to_string(*only);
  if (constraint.kind() == Constraint::Kind::Range) {
    return "from " + to_string(constraint.values()[0]) + " to " + to_string(constraint.values()[1]);
  }
  std::vector<std::string> members;
  members.reserve(constraint.values().size());
  for (const Value& member : constraint.values()) members.push_back(to_string(member));
  return "one of " + joined(members, ", ");
}

std::string type_in_words(const Element& element) {
  constexpr std::string_view kUnits[][2] = {
      {"us", "microseconds"}, {"ms", "milliseconds"}, {"ns", "nanoseconds"}, {"s", "seconds"}};
  std::string text(to_string(element.primitive()));
  const std::string name = "." + element.name() + ".";
  for (const auto& [unit, words] : kUnits) {
    if (name.find("." + std::string(unit) + ".") == std::string::npos) continue;
    return text + ", " + std::string(words);
  }
  return text;
}

/// A paragraph with every line so far from the left.
std::string paragraph(const std::string& text, const std::size_t width, const std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string out = margin;
  std::size_t at = indent;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    const bool first = at == indent;
    if (!first && width > 0 && at + 1 + width_of(word) > width) {
      out += "\n" + margin + word;
      at = indent + width_of(word);
    } else {
      out += (first ? "" : " ") + word;
      at += (first ? 0 : 1) + width_of(word);
    }
  }
  return out + "\n";
}

std::string entry(const Element& element, const std::string& words, const std::size_t width) {
  std::string facts = type_in_words(element);
  if (!words.empty()) facts += "; " + words;
  std::string out = "  " + printable(element.name()) + "\n" + paragraph(printable(facts), width, 6);
  if (!element.description().empty()) {
    out += paragraph(printable(element.description()), width, 6);
  }
  return out;
}

}  // namespace

std::string explain(const Capability& capability, const std::string& component,
                    const std::size_t width) {
  const std::string name = capability.label().empty() ? capability.token() : capability.label();
  std::string out = printable(name) + " at " + printable(component) + "\n";
  out +=
      paragraph(printable(capability.verb() + ": " + scope_in_words(capability.when())), width, 2);
  const auto parameters = capability.schema().parameters();
  if (!parameters.empty()) out += "parameters\n";
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    out += entry(*parameters[i], constraint_in_words(capability.constraint(i)), width);
  }
  if (!capability.schema().columns().empty()) out += "results\n";
  for (const Element* element : capability.schema().columns()) out += entry(*element, "", width);
  if (!capability.metadata().empty()) out += "metadata\n";
  for (const auto& [element, value] : capability.metadata()) {
    const Element* const known = capability.registry().find(element);
    if (known != nullptr) out += entry(*known, "is " + to_string(value), width);
  }
  return out;
}

void write_explanations(const Capability& capability, RowOutput& rows) {
  rows.begin({{"kind"}, {"element"}, {"type"}, {"constraint"}, {"meaning"}, {"registry"}});
  const auto row = [&](const std::string& kind, const Element& element, const std::string& text) {
    rows.row({kind, element.name(), std::string(to_string(element.primitive())),
              text.empty() ? Value() : Value(text), element.description(), element.registry_uri()});
  };
  const auto parameters = capability.schema().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    row("parameter", *parameters[i], to_string(capability.constraint(i)));
  }
  for (const Element* element : capability.schema().columns()) row("result", *element, "");
  for (const auto& [element, value] : capability.metadata()) {
    const Element* const known = capability.registry().find(element);
    if (known != nullptr) row("metadata", *known, to_string(value));
  }
  rows.finish();
}

}  // namespace mplane
