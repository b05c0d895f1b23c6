#pragma once

// The asking side: discover, specify, submit, wait, interrupt.

#include "mplane/client/client.hpp"
#include "mplane/client/client_listener.hpp"
#include "mplane/client/component_view.hpp"
#include "mplane/client/fleet.hpp"
#include "mplane/client/foreseen_start.hpp"
#include "mplane/client/offer.hpp"
#include "mplane/client/options.hpp"
#include "mplane/client/pending.hpp"
#include "mplane/model.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"
