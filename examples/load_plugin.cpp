// The module `load` as a shared object, for `library: …` in a component's configuration.

#include "load_module.hpp"

#include <mplane/plugin.hpp>

MPLANE_PLUGIN(example::make_load)
