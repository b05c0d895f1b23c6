#pragma once

#include "mplane/model/error.hpp"
#include "mplane/session/http.hpp"
#include "registrant.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mplane::detail {

/// The name of the component that sent a request: its identity, without TLS its host's address.
std::string component_of(const HttpRequest& request, bool is_secure);

/// The answer to a registration: {"label": {"registered": "ok"}, …}.
HttpResponse registration_response(const std::vector<RegistrationAnswer>& answers);

/// The answer to a poll: an envelope, or for who has to register first status 428.
HttpResponse poll_response(const std::optional<Envelope>& envelope);

/// The answer to what is wrong with a request: an exception message, and the status of its kind.
HttpResponse exception_response(const Error& error);

/// @throws Error{MediaType} unless the body is said to be messages.
void check_media_type(const HttpRequest& request);

}  // namespace mplane::detail
