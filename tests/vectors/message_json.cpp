#include "message_json.hpp"

#include "comparison.hpp"
#include "mplane/model/json.hpp"
#include "native_value.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using mplane::Message;
using mplane::Result;
using mplane::Statement;

namespace {

constexpr std::array kJsonTexts = {"json", "json_before_token", "json_token_only"};

// What an action answers, or that it is refused.
template <typename Action>
Json answer_or_refusal(const Action& action) {
  try {
    return action();
  } catch (const mplane::Error& error) {
    return Json::Object{{"raises", error.what()}};
  }
}

Json text_or_null(const std::optional<std::string>& text) { return text ? Json(*text) : Json(); }

// The JSON of a message once its token was asked for, which it then keeps.
Json json_with_token(const Message& message, const mplane::EncodeOptions& options = {}) {
  Json json = Json::parse(encode(message, options));
  const Statement* const statement = message.statement();
  if (statement != nullptr) json.object()["token"] = statement->token();
  return json;
}

Json parameters_json(const Statement& statement) {
  Json::Object parameters;
  for (const mplane::Element* element : statement.schema().parameters()) {
    parameters[element->name()] =
        Json::Object{{"constraint", to_string(statement.constraint(element->name()))},
                     {"value", native_json(statement.value(element->name()))}};
  }
  return parameters;
}

Json metadata_json(const Statement& statement) {
  Json::Object metadata;
  for (const auto& [name, value] : statement.metadata()) metadata[name] = native_json(value);
  return metadata;
}

Json columns_json(const Statement& statement) {
  Json::Array names;
  for (const mplane::Element* column : statement.schema().columns()) {
    names.emplace_back(column->name());
  }
  return names;
}

Json values_json(const Result& result) {
  Json::Array rows;
  for (const mplane::Row& row : result.rows()) {
    Json::Array values;
    for (std::size_t i = 0; i < result.columns().size(); ++i) {
      values.push_back(native_json(row.value(i)));
    }
    rows.emplace_back(std::move(values));
  }
  return rows;
}

void add_statement(Json::Object& answer, const Statement& statement) {
  answer["verb"] = statement.verb();
  answer["when"] = to_string(statement.when());
  answer["registry"] = statement.registry().uri();
  answer["export"] = text_or_null(statement.export_url());
  answer["link"] = text_or_null(statement.link());
  answer["metadata"] = metadata_json(statement);
  answer["parameters"] = parameters_json(statement);
  answer["results"] = columns_json(statement);
  answer["rows"] = 0;
  answer["schema_hash"] = statement.schema().hash();
  answer["mpcv_hash"] = statement.statement_hash();
  answer["pv_hash"] = statement.value_hash();
}

// The label, which is null when there is none; `label()` has no word for that.
Json label_json(const Message& message, const Json& json) {
  if (!message.label().empty()) return message.label();
  const Json* const label = json.find("label");
  return label == nullptr ? Json() : *label;
}

Json token_json(const Message& message) {
  if (const auto* exception = message.find<mplane::Exception>()) {
    return text_or_null(exception->token());
  }
  if (const auto* envelope = message.find<mplane::Envelope>()) {
    return text_or_null(envelope->token);
  }
  return message.token();
}

}  // namespace

Json seen(const Message& message) {
  Json::Object answer;
  const Json before = answer_or_refusal([&] { return Json::parse(encode(message)); });
  answer["kind"] = message.kind();
  answer["label"] = label_json(message, before);
  answer["token"] = token_json(message);
  answer["json_before_token"] = before;
  answer["json"] = answer_or_refusal([&] { return json_with_token(message); });
  answer["json_token_only"] =
      answer_or_refusal([&] { return json_with_token(message, {.token_only = true}); });
  if (const Statement* statement = message.statement()) add_statement(answer, *statement);
  if (const Result* result = message.find<Result>()) {
    answer["rows"] = result->row_count();
    answer["values"] = values_json(*result);
  }
  return answer;
}

Json seen_and_read_back(const Message& message, const mplane::Registry& registry) {
  Json answer = seen(message);
  const Json json = answer.at("json");
  answer.object()["parsed_back"] = answer_or_refusal([&] {
    if (is_refusal(json)) return json;
    Json back = seen(mplane::decode(to_string(json), registry));
    back.object()["same_json"] = to_string(json) == to_string(back.at("json"));
    return back;
  });
  return answer;
}

namespace {

// Members of a set in the order of their texts; false when the text is no set of several.
bool sort_members(Json& constraint) {
  if (!constraint.is_text()) return false;
  const std::string& text = constraint.text();
  const bool is_set =
      text.find(',') != std::string::npos && text.find(" ... ") == std::string::npos;
  if (!is_set) return false;
  std::vector<std::string> members;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    members.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  std::sort(members.begin(), members.end());
  std::string sorted;
  for (const std::string& member : members) sorted += (sorted.empty() ? "" : ",") + member;
  constraint = sorted;
  return true;
}

// The sections of a capability or withdrawal that have constraints; null of other messages.
Json* constraints_of(Json& json) {
  const bool has = json.find("capability") != nullptr || json.find("withdrawal") != nullptr;
  Json* const parameters = has ? json.find("parameters") : nullptr;
  return parameters != nullptr && parameters->is_object() ? parameters : nullptr;
}

// The SDK writes a blank behind the last brace of a repeated scope.
void trim_when(Json& json) {
  Json* const when = json.find("when");
  if (when == nullptr || !when->is_text() || !when->text().ends_with("} ")) return;
  *when = when->text().substr(0, when->text().size() - 1);
}

void normalize_json(Json& json) {
  if (json.is_text()) json = Json::parse(json.text());
  trim_when(json);
  if (Json* const contents = json.find("contents"); contents != nullptr && contents->is_array()) {
    for (Json& content : contents->array()) normalize_json(content);
  }
  Json* const constraints = constraints_of(json);
  if (constraints == nullptr) return;
  bool has_set = false;
  for (auto& [name, constraint] : constraints->object()) has_set |= sort_members(constraint);
  if (has_set) json.object().erase("token");
}

// What the SDK hashed, and what is shown of a hash, tells nothing that the hash does not.
void drop_shown(Json::Object& answer) {
  for (const auto* const name : {"mpcv_hash_preimage", "pv_hash_preimage", "schema_hash_preimage",
                                 "schema_hash8", "token8"}) {
    answer.erase(name);
  }
}

}  // namespace

void normalize_message(Json& answer) {
  drop_shown(answer.object());
  for (const auto* const name : kJsonTexts) {
    if (Json* const json = answer.find(name); json != nullptr && !is_refusal(*json)) {
      normalize_json(*json);
    }
  }
  bool has_set = false;
  if (Json* const parameters = answer.find("parameters"); parameters != nullptr) {
    for (auto& [name, parameter] : parameters->object()) {
      if (Json* const constraint = parameter.find("constraint")) {
        has_set |= sort_members(*constraint);
      }
    }
  }
  if (has_set) {
    for (const auto* const name : {"token", "mpcv_hash", "pv_hash"}) answer.object().erase(name);
  }
  if (Json* const back = answer.find("parsed_back"); back != nullptr && !is_refusal(*back)) {
    normalize_message(*back);
  }
}
