#include "mplane/component/detail/registration.hpp"

#include "mplane/model/error.hpp"

#include <utility>

#include <rapidjson/document.h>

namespace mplane::detail {
namespace {

using rapidjson::Value;

std::string text(const Value& object, const char* const key) {
  const auto member = object.FindMember(key);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

[[noreturn]] void refuse(const std::string& where, const std::string& why) {
  throw Error(ErrorKind::Malformed, where, why);
}

}  // namespace

Answers parse_answers(const std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    refuse("", "the answer to a registration is no JSON object");
  }
  Answers answers;
  for (const auto& [name, value] : std::as_const(document).GetObject()) {
    const std::string label(name.GetString(), name.GetStringLength());
    if (!value.IsObject()) refuse(label, "is no object");
    const std::string registered = text(value, "registered");
    if (registered != "ok" && registered != "no")
      refuse(label + "/registered", "is neither ok nor no");
    const std::string reason = text(value, "reason");
    answers[label] = registered == "ok" ? "" : reason.empty() ? "no reason given" : reason;
  }
  return answers;
}

}  // namespace mplane::detail
