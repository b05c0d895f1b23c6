// A client: finds what a component offers, has it ping, and prints what comes of it.
//
//     example_client http://127.0.0.1:8890/capability 127.0.0.1

#include <iostream>

#include <mplane/client.hpp>

using namespace std::chrono_literals;

namespace {

int ask(const std::string& url, const std::string& target) {
  mplane::Client client({.registry = mplane::Registry::core(), .insecure = true});
  for (const auto& capability : client.discover(url)) {
    if (capability.label() != "ping-average-ip4") continue;
    const auto spec = capability.specify("now + 3s / 1s")
                          .set("destination.ip4", mplane::Ip4::parse(target))
                          .build();      // refuses what the component would refuse, here
    auto pending = client.submit(spec);  // sends the specification, keeps the receipt
    if (const auto result = pending.wait_for(60s)) {
      for (const auto& row : result->rows()) {
        std::cout << row.get<std::uint64_t>("delay.twoway.icmp.us.min") << " us\n";
      }
      return 0;
    }
    pending.interrupt();
    std::cerr << "not done in a minute, and stopped\n";
    return 4;
  }
  std::cerr << url << " does not ping\n";
  return 3;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string url = argc > 1 ? argv[1] : "http://127.0.0.1:8890/capability";
    return ask(url, argc > 2 ? argv[2] : "127.0.0.1");
  } catch (const mplane::Error& error) {
    std::cerr << error.what() << '\n';
    return mplane::traits(error.kind()).exit_code;
  }
}
