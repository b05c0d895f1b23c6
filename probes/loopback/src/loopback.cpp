#include "mplane/probes/loopback.hpp"

#include "mplane/model/error.hpp"
#include "mplane/scheduler/clock.hpp"

#include <stop_token>

namespace mplane {
namespace {

Result echo(const Specification& specification, std::stop_token /*stop*/) {
  const Instant now = SystemClock().now();
  return Result(specification)
      .measured(now, now)
      .row({{"test.output", specification.value("test.input")}});
}

}  // namespace

std::vector<Service> make_loopback(
    const Registry& registry, const std::map<std::string, std::string, std::less<>>& settings) {
  if (!settings.empty()) {
    throw Error(ErrorKind::Configuration, settings.begin()->first, "loopback has no settings");
  }
  const Registry* const elements = registry.known(kLoopbackRegistryUri);
  if (elements == nullptr) {
    throw Error(ErrorKind::Configuration, "",
                "loopback needs the registry " + std::string(kLoopbackRegistryUri));
  }
  Capability capability = Capability::measure("test-loopback")
                              .when("now ... future")
                              .parameter("test.input")
                              .result("test.output")
                              .build(*elements);
  return {
      Service{.capability = std::move(capability), .run = echo, .immediate = true, .policy = {}}};
}

}  // namespace mplane
