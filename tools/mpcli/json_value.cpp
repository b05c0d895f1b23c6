#include "json_value.hpp"

#include <array>
#include <variant>

namespace mplane {
namespace {

void append_escaped(std::string& out, const char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') {
    out += {'\\', c};
  } else if (byte >= 0x20U && byte != 0x7FU) {
    out += c;
  } else {
    out += "\\u00";
    out += {kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  }
}

void append_text(std::string& out, const std::string_view text) {
  out += '"';
  for (const char c : text) append_escaped(out, c);
  out += '"';
}

}  // namespace

void append_json(std::string& out, const Value& value) {
  const auto& alternatives = value.alternatives();
  if (!value.has_value()) {
    out += "null";
  } else if (const auto* boolean = std::get_if<bool>(&alternatives)) {
    out += *boolean ? "true" : "false";
  } else if (std::holds_alternative<std::uint64_t>(alternatives) ||
             std::holds_alternative<double>(alternatives)) {
    append(out, value);
  } else {
    append_text(out, to_string(value));
  }
}

}  // namespace mplane
