#include "mplane/model/detail/json_writer.hpp"
#include "mplane/model/json.hpp"
#include "statement_data.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace mplane {
namespace {

using detail::JsonWriter;

// Numbers and booleans as JSON has them, no value as null, everything else as text.
void write_native(JsonWriter& json, const Value& value) {
  const auto& alternatives = value.alternatives();
  if (!value.has_value()) {
    json.literal("null");
  } else if (const auto* boolean = std::get_if<bool>(&alternatives)) {
    json.literal(*boolean ? "true" : "false");
  } else if (std::holds_alternative<std::uint64_t>(alternatives) ||
             std::holds_alternative<double>(alternatives)) {
    append(json.value(), value);
  } else {
    json.text(to_string(value));
  }
}

void write_text(JsonWriter& json, const std::string_view key, const std::string_view text) {
  json.key(key);
  json.text(text);
}

void write_parameters(JsonWriter& json, const Result& result) {
  const auto parameters = result.schema().parameters();
  json.key("parameters");
  json.begin_object();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    json.key(parameters[i]->name());
    write_native(json, result.value(i));
  }
  json.end_object();
}

void write_metadata(JsonWriter& json, const Metadata& metadata) {
  json.key("metadata");
  json.begin_object();
  for (const auto& [name, value] : metadata) {
    json.key(name);
    write_native(json, value);
  }
  json.end_object();
}

void write_rows(JsonWriter& json, const Result& result) {
  const auto names = result.schema().columns();
  json.key("rows");
  json.begin_array();
  for (std::size_t row = 0; row < result.row_count(); ++row) {
    json.begin_object();
    for (std::size_t i = 0; i < names.size(); ++i) {
      json.key(names[i]->name());
      write_native(json, result.columns()[i].value(row));
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string export_json(const Result& result, const std::string_view component, const bool pretty) {
  std::string out;
  JsonWriter json(out, pretty);
  json.begin_object();
  if (!result.label().empty()) write_text(json, "label", result.label());
  write_text(json, "token", result.token());
  write_text(json, "when", to_string(result.when()));
  if (!component.empty()) write_text(json, "component", component);
  write_parameters(json, result);
  write_metadata(json, result.metadata());
  write_rows(json, result);
  json.end_object();
  return out;
}

}  // namespace mplane
