#include "json_document.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <string>

#include <rapidjson/error/en.h>

namespace mplane::detail {
namespace {

[[noreturn]] void refuse(const std::string_view text, const std::size_t offset,
                         const std::string_view reason) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 where there is none
  throw Error(ErrorKind::Malformed, {},
              "not JSON at line " + std::to_string(line) + ", column " +
                  std::to_string(offset - line_start + 1) + ": " + std::string(reason));
}

}  // namespace

rapidjson::Document parse_json(const std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) refuse(text, 0, "a byte order mark");
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) refuse(text, nul, "a NUL byte");
  rapidjson::Document document;
  document.Parse<kJsonFlags>(text.data(), text.size());
  if (document.HasParseError()) {
    const std::size_t offset = std::min(document.GetErrorOffset(), text.size());
    refuse(text, offset, rapidjson::GetParseError_En(document.GetParseError()));
  }
  return document;
}

const rapidjson::Value* find_member(const rapidjson::Value& object,
                                    const std::string_view name) noexcept {
  for (auto member = object.MemberEnd(); member != object.MemberBegin();) {
    --member;
    if (text_of(member->name) == name) return &member->value;
  }
  return nullptr;
}

}  // namespace mplane::detail
