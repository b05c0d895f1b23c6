#pragma once

#include "mplane/component/options.hpp"
#include "mplane/store/spool.hpp"
#include "mplane/tools/config_section.hpp"

namespace mplane {

/// Reads `component.supervisors` from the section `component`. With supervisors and without
/// `listen` nobody is listened to.
void read_supervisors(ConfigSection& component, ComponentOptions& options);
/// Reads the section `export`.
void read_export(ConfigSection section, ComponentOptions& options);
/// Reads the section `spool`; folder and log are somebody else's.
void read_spool(ConfigSection section, SpoolOptions& spool);

}  // namespace mplane
