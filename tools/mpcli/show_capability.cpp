#include "show_capability.hpp"

#include "mplane/model/json.hpp"
#include "mplane/tools/text.hpp"

#include <sstream>
#include <string_view>

namespace mplane {
namespace {

using Align = TextTable::Align;

/// "destination.ip4", or with what is settled: "source.ip4=127.0.0.1".
std::string in_short(const Capability& capability, const std::size_t parameter) {
  std::string name = capability.schema().parameters()[parameter]->name();
  if (const Value* const only = capability.constraint(parameter).single()) {
    name += "=" + to_string(*only);
  }
  return name;
}

std::string constraint_in_words(const Constraint& constraint) {
  if (constraint.is_any()) return "any";
  const std::string text = to_string(constraint);
  return constraint.single() == nullptr ? text : text + " (settled)";
}

std::vector<std::string> names_of(const std::span<const Element* const> elements) {
  std::vector<std::string> names;
  for (const Element* element : elements) names.push_back(element->name());
  return names;
}

std::string facts(const Capability& capability, const std::string& component) {
  TextTable table({Align::Left, Align::Left});
  table.add({"  component", component});
  table.add({"  verb", capability.verb()});
  table.add({"  when", to_string(capability.when())});
  table.add({"  token", capability.token()});
  table.add({"  link", capability.link().value_or("")});
  table.add({"  registry", capability.registry().uri()});
  if (capability.export_url()) table.add({"  export", *capability.export_url()});
  for (const auto& [name, value] : capability.metadata()) {
    table.add({"  " + name, to_string(value)});
  }
  return table.to_string();
}

std::string parameters(const Capability& capability) {
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Left});
  const auto elements = capability.schema().parameters();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    table.add({"  " + elements[i]->name(), std::string(to_string(elements[i]->primitive())),
               constraint_in_words(capability.constraint(i)), elements[i]->description()});
  }
  return table.to_string();
}

std::string results(const Capability& capability) {
  TextTable table({Align::Left, Align::Left, Align::Left});
  for (const Element* element : capability.schema().columns()) {
    table.add({"  " + element->name(), std::string(to_string(element->primitive())),
               element->description()});
  }
  return table.to_string();
}

std::string name_of(const Capability& capability) {
  return capability.label().empty() ? capability.token() : capability.label();
}

}  // namespace

std::string describe(const Capability& capability, const std::string& component) {
  std::string text = printable(name_of(capability)) + "\n" + facts(capability, component);
  if (!capability.schema().parameters().empty()) text += "parameters\n" + parameters(capability);
  if (!capability.schema().columns().empty()) text += "results\n" + results(capability);
  return text;
}

std::string list_as_table(const std::vector<Capability>& capabilities) {
  if (capabilities.empty()) return {};
  TextTable table({Align::Left, Align::Left, Align::Left});
  table.add({"capability", "when", "parameters"});
  for (const Capability& capability : capabilities) {
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < capability.schema().parameters().size(); ++i) {
      shown.push_back(in_short(capability, i));
    }
    table.add({name_of(capability), to_string(capability.when()), joined(shown, " ")});
  }
  return table.to_string();
}

std::vector<Heading> listed_headings() {
  return {{"label"}, {"token"}, {"verb"}, {"when"}, {"link"}, {"parameters"}, {"results"}};
}

std::vector<Value> listed(const Capability& capability) {
  const Schema& schema = capability.schema();
  return {capability.label(),
          capability.token(),
          capability.verb(),
          to_string(capability.when()),
          capability.link().value_or(""),
          joined(names_of(schema.parameters()), " "),
          joined(names_of(schema.columns()), " ")};
}

std::string list_as_csv(const std::vector<Capability>& capabilities) {
  std::ostringstream out;
  const auto rows = make_csv_rows(out);
  rows->begin(listed_headings());
  for (const Capability& capability : capabilities) rows->row(listed(capability));
  rows->finish();
  return out.str();
}

std::string list_as_json(const std::vector<Capability>& capabilities) {
  std::vector<std::string> messages;
  messages.reserve(capabilities.size());
  for (const Capability& capability : capabilities) messages.push_back(encode(capability));
  return messages.empty() ? "[]\n" : "[\n" + joined(messages, ",\n") + "\n]\n";
}

std::string list_as_ndjson(const std::vector<Capability>& capabilities) {
  std::string out;
  for (const Capability& capability : capabilities) out += encode(capability) + "\n";
  return out;
}

}  // namespace mplane
