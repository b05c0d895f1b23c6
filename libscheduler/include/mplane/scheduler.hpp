#pragma once

/// The scheduler: what runs when. Knows no HTTP, no JSON and no file.

#include "mplane/scheduler/books.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/lateness.hpp"
#include "mplane/scheduler/options.hpp"
#include "mplane/scheduler/plan.hpp"
#include "mplane/scheduler/policy.hpp"
#include "mplane/scheduler/scheduler.hpp"
#include "mplane/scheduler/service.hpp"
