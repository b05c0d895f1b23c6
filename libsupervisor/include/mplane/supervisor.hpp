#pragma once

// Both sides at once: registers components, relays and composes what they offer.

#include "mplane/component.hpp"
#include "mplane/supervisor/composition.hpp"
#include "mplane/supervisor/repository.hpp"
#include "mplane/supervisor/supervision.hpp"
#include "mplane/supervisor/supervisor.hpp"
