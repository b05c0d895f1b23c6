#include "response_head.hpp"

#include "request_parser.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace mplane::detail {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  const auto append_visible = [&out](std::string_view text) {
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') out += c;
    }
  };
  append_visible(name);
  out += ": ";
  append_visible(value);
  out += "\r\n";
}

}  // namespace

void append_head(std::string& out, const HttpResponse& response, bool keep_alive,
                 const std::string& date) {
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  append_field(out, "Date", date);
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) append_field(out, name, value);
  constexpr int kNoContent = 204;
  constexpr int kNotModified = 304;
  if (response.status != kNoContent && response.status != kNotModified) {
    out += "Content-Length: ";
    out += std::to_string(response.body.size());
    out += "\r\n";
  }
  if (!keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
}

std::string http_date(std::time_t time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                parts.tm_hour, parts.tm_min, parts.tm_sec);
  return text.data();
}

}  // namespace mplane::detail
