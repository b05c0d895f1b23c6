#pragma once

#include <string_view>

#include <rapidjson/document.h>

namespace mplane::detail {

/// How every JSON text from outside is read: without recursion (a megabyte of brackets must not
/// overrun the stack), with its UTF-8 checked, and each number as the double nearest to it.
inline constexpr unsigned kJsonFlags = rapidjson::kParseIterativeFlag |
                                       rapidjson::kParseValidateEncodingFlag |
                                       rapidjson::kParseFullPrecisionFlag;

/// Reads a JSON text whole. A byte order mark and a NUL byte, which RapidJSON skips and takes for
/// the end, are refused. @throws Error{Malformed} with line and column.
rapidjson::Document parse_json(std::string_view text);

/// The member of that name, of several the last (protocol, section 11); null when there is none.
const rapidjson::Value* find_member(const rapidjson::Value& object, std::string_view name) noexcept;

inline std::string_view text_of(const rapidjson::Value& string) noexcept {
  return {string.GetString(), string.GetStringLength()};
}

}  // namespace mplane::detail
