#include "mplane/probes/common/offer.hpp"

#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/local_address.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/socket.h>

namespace mplane {

Capability make_capability(const Registry& registry, const ProbeOffer& offer) {
  auto builder = Capability::measure(offer.label).when(offer.when);
  for (const auto& [element, constraint] : offer.parameters) {
    builder = std::move(builder).parameter(element, constraint);
  }
  for (const std::string& element : offer.results) builder = std::move(builder).result(element);
  return std::move(builder).build(registry);
}

Service make_service(Capability capability, std::shared_ptr<RunHost> host, RunHost::Prepare prepare,
                     Duration longest) {
  const ServicePolicy policy{.tell_lateness = true, .grace = longest + std::chrono::seconds(1)};
  return {std::move(capability), run_on(std::move(host), std::move(prepare)), false, policy};
}

std::string_view tail_of(IpFamily family) noexcept {
  return family == IpFamily::Ip4 ? "ip4" : "ip6";
}

std::vector<IpFamily> families_here(std::string_view module, const LogSink& log) {
  std::vector<IpFamily> families;
  for (const IpFamily family : {IpFamily::Ip4, IpFamily::Ip6}) {
    // A host may have the family switched off on all interfaces, its own included.
    if (is_local(default_source(family))) {
      families.push_back(family);
      continue;
    }
    mplane::log(log,
                {.severity = Severity::Info,
                 .component = std::string(module),
                 .message = family == IpFamily::Ip4 ? "IPv4 is not offered" : "IPv6 is not offered",
                 .fields = {{"reason", "this host does not have it"}}});
  }
  return families;
}

}  // namespace mplane
