#include "callback_routes.hpp"

#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace mplane::detail {
namespace {

constexpr int kRegisterFirst = 428;  // RFC 6585, section 3

/// A text as JSON writes it (RFC 8259, section 7). It has been read from JSON, so it is UTF-8.
std::string json_string(const std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20U) {
      json += "\\u00";
      json += kDigits[byte >> 4U];
      json += kDigits[byte & 0xFU];
    } else {
      json += c;
    }
  }
  return json + "\"";
}

}  // namespace

std::string component_of(const HttpRequest& request, const bool is_secure) {
  if (is_secure) return request.peer.text();
  return request.remote.substr(0, request.remote.rfind(':'));  // its ports change
}

HttpResponse registration_response(const std::vector<RegistrationAnswer>& answers) {
  std::string json = "{";
  for (const RegistrationAnswer& answer : answers) {
    if (json.size() > 1) json += ", ";
    json += json_string(answer.label) + R"(: {"registered": )";
    json += answer.refusal ? R"("no", "reason": )" + json_string(*answer.refusal) : R"("ok")";
    json += "}";
  }
  return {.status = 200, .content_type = std::string(kMediaType), .body = json + "}"};
}

HttpResponse poll_response(const std::optional<Envelope>& envelope) {
  if (!envelope) {
    return {.status = kRegisterFirst, .content_type = "text/plain", .body = "not registered"};
  }
  return {.status = 200, .content_type = std::string(kMediaType), .body = encode(*envelope)};
}

HttpResponse exception_response(const Error& error) {
  return {.status = traits(error.kind()).http_status,
          .content_type = std::string(kMediaType),
          .body = encode(Exception({}, error))};
}

void check_media_type(const HttpRequest& request) {
  if (is_mplane_media_type(request.content_type)) return;
  throw Error(ErrorKind::MediaType, "Content-Type",
              mplane::quoted(request.content_type) + " is not " + std::string(kMediaType));
}

}  // namespace mplane::detail
