// What a probe needs that speaks mPlane by means of its own: the model alone.
#include <iostream>

#include <mplane/model.hpp>

int main() {
  const auto registry = mplane::Registry::core();
  const auto capability = mplane::Capability::measure("ping-average-ip4")
                              .when("now ... future / 1s")
                              .parameter("source.ip4", "127.0.0.1")
                              .parameter("destination.ip4")
                              .result("delay.twoway.icmp.us.mean")
                              .build(registry);
  const auto specification = capability.specify("now + 3s / 1s")
                                 .set("destination.ip4", mplane::Ip4::parse("127.0.0.1"))
                                 .build();
  const auto text = mplane::encode(specification);
  const bool same = mplane::encode(mplane::decode(text, registry)) == text;
  std::cout << text << "\n";
  return same ? 0 : 1;
}
