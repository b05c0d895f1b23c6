#include "mplane/session/http.hpp"

#include <algorithm>

namespace mplane {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

/// The media type alone: without parameters and the spaces around it.
std::string_view type_only(std::string_view text) {
  text = text.substr(0, text.find(';'));
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool is_mplane_media_type(std::string_view content_type) {
  return equal_ignoring_case(type_only(content_type), kMediaType);
}

bool accepts_mplane_media_type(std::string_view accept) {
  for (std::size_t begin = 0; begin < accept.size();) {
    const std::size_t end = std::min(accept.find(',', begin), accept.size());
    if (is_mplane_media_type(accept.substr(begin, end - begin))) return true;
    begin = end + 1;
  }
  return false;
}

Responder& Responder::operator=(Responder&& other) noexcept {
  std::swap(send_, other.send_);  // what this one owed is settled when `other` ends
  return *this;
}

Responder::~Responder() {
  if (send_) send_(std::nullopt);
}

void Responder::send(HttpResponse response) {
  if (const Send send = std::exchange(send_, nullptr)) send(std::move(response));
}

HttpResponse plain_error_page(const Error& error) {
  return {.status = traits(error.kind()).http_status,
          .content_type = "text/plain; charset=utf-8",
          .body = error.message() + "\n"};
}

}  // namespace mplane
