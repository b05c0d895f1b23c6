#include "errand_list.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace mplane::detail {
namespace {

void flatten(const Message& message, std::vector<Message>& messages) {
  const auto* const envelope = message.find<Envelope>();
  if (envelope == nullptr) {
    messages.push_back(message);
    return;
  }
  for (const Message& one : envelope->messages()) flatten(one, messages);
}

/// How deep the brackets of a JSON text go.
std::size_t depth_of(const std::string_view json) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return deepest;
}

std::string text_of(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

std::optional<std::string> token_of(const rapidjson::Value& value) {
  if (!value.IsObject()) return {};
  const auto token = value.FindMember("token");
  if (token == value.MemberEnd() || !token->value.IsString()) return {};
  return std::string(token->value.GetString(), token->value.GetStringLength());
}

}  // namespace

ErrandList read_errands(const std::string_view json, const Registry& registry) {
  ErrandList list;
  try {
    flatten(decode(json, registry), list.messages);
    return list;
  } catch (const Error& error) {
    if (depth_of(json) > DecodeLimits().depth) throw;  // what follows goes down by recursion
    rapidjson::Document parsed;
    parsed.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
    if (parsed.HasParseError() || !parsed.IsObject()) throw;
    const rapidjson::Value& document = parsed;
    const auto contents = document.FindMember("contents");
    if (contents == document.MemberEnd() || !contents->value.IsArray()) {
      list.unreadable.emplace_back(token_of(document), error);
      return list;
    }
    for (const auto& one : contents->value.GetArray()) {
      try {
        flatten(decode(text_of(one), registry), list.messages);
      } catch (const Error& its_error) {
        list.unreadable.emplace_back(token_of(one), its_error);
      }
    }
    return list;
  }
}

}  // namespace mplane::detail
