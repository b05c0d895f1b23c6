#include "callback_routes.hpp"

#include "mplane/model/detail/json_writer.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"

#include <string>

namespace mplane::detail {
namespace {
constexpr int kRegisterFirst = 428;  // RFC 6585, section 3
}  // namespace

std::string component_of(const HttpRequest& request, const bool is_secure) {
  if (is_secure) return request.peer.text();
  return request.remote.substr(0, request.remote.rfind(':'));  // its ports change
}

HttpResponse registration_response(const std::vector<RegistrationAnswer>& answers) {
  std::string json;
  JsonWriter writer(json, false);
  writer.begin_object();
  for (const RegistrationAnswer& answer : answers) {
    writer.key(answer.label);
    writer.begin_object();
    writer.key("registered");
    writer.text(answer.refusal ? "no" : "ok");
    if (answer.refusal) {
      writer.key("reason");
      writer.text(*answer.refusal);
    }
    writer.end_object();
  }
  writer.end_object();
  return {.status = 200, .content_type = std::string(kMediaType), .body = json};
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
