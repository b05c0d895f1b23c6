#pragma once

#include "mplane/scheduler/policy.hpp"
#include "mplane/scheduler/service.hpp"
#include "mplane/tools/config_section.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mplane {

/// An entry of `services`: how the operator wants the jobs of some services to be scheduled. What
/// it does not speak of stays as the service's module has it. A value.
struct ServiceEntry {
  std::string label;  ///< of their capabilities; `*` stands for any text
  std::string where;
  std::vector<std::function<void(ServicePolicy&)>> changes = {};
};

/// Reads the list `services`; mistakes go to the section's context.
std::vector<ServiceEntry> read_services(ConfigSection& root);

/// Gives services the policies that entries have for them, of several the last one's. Notes an
/// entry that is for no service as a mistake.
void apply(const std::vector<ServiceEntry>& entries, std::vector<Service>& services,
           Mistakes& mistakes);

}  // namespace mplane
