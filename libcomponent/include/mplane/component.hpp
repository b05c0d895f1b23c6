#pragma once

// The answering side: serve, run, stop.

#include "mplane/component/component.hpp"
#include "mplane/component/credits.hpp"
#include "mplane/component/delivery.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/component/export_rules.hpp"
#include "mplane/component/exports.hpp"
#include "mplane/component/options.hpp"
#include "mplane/component/plugin_loader.hpp"
#include "mplane/component/status.hpp"
#include "mplane/component/supervisor_options.hpp"
