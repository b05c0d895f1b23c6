#pragma once

#include "mplane/session/http.hpp"

#include <ctime>
#include <string>

namespace mplane::detail {

/// Appends status line and headers of an answer, the empty line included (RFC 9112). Written by
/// hand because the length is always known and a field container costs more than the whole answer.
/// Control characters in header values are left out: nobody's text can become a header.
void append_head(std::string& out, const HttpResponse& response, bool keep_alive,
                 const std::string& date);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7), whatever the locale.
std::string http_date(std::time_t time);

}  // namespace mplane::detail
