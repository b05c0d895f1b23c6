// What a probe needs that speaks mPlane by means of its own: the model alone.
#include <iostream>
#include <iterator>
#include <string>

#include <mplane/model.hpp>

int main() try {
  const auto registry = mplane::Registry::core();
  const auto capability = mplane::Capability::measure("ping-average-ip4")
                              .when("past ... future / 1s")
                              .parameter("destination.ip4")
                              .result("delay.twoway.icmp.us.mean")
                              .build(registry);
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto asked = mplane::decode_as<mplane::Specification>(text, registry);
  if (const auto why = capability.objection(asked, asked.when().start().instant())) throw *why;
  std::cout << encode(mplane::Result(asked).row({{"delay.twoway.icmp.us.mean", 417}})) << "\n";
} catch (const mplane::Error& error) {
  std::cerr << error.what() << "\n";
  return 1;
}
