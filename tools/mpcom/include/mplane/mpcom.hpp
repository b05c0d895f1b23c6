#pragma once

// mpcom as a library, for a program that measures what you add to it.

#include "mplane/mpcom/builtin_modules.hpp"
#include "mplane/mpcom/module.hpp"
#include "mplane/mpcom/run_component.hpp"
