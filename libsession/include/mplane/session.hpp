#pragma once

// How messages travel: TLS, identities, access control, HTTPS server and client.

#include "mplane/session/access.hpp"
#include "mplane/session/http.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/listener.hpp"
#include "mplane/session/pki.hpp"
#include "mplane/session/router.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"
