#pragma once

// The answering side: serve, run, stop.

#include "mplane/component/component.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/component/options.hpp"
#include "mplane/component/plugin_loader.hpp"
