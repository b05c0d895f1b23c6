// Finding the services that accept a specification among a thousand, against one comparison of two
// hashes per service.

#include "bench.hpp"
#include "linear_search.hpp"
#include "mplane/model.hpp"

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using mplane::Capability;
using mplane::CapabilityIndex;
using mplane::Specification;

constexpr std::size_t kServices = 1000;
constexpr std::size_t kAccepting = 3;
constexpr mplane::Instant kNow{std::chrono::seconds(1'433'160'000)};

// Schema number `n`: two parameters in common, four columns that differ.
Capability offer(const mplane::Registry& registry, const std::size_t n, const std::string& period,
                 const std::string& source, const std::string& port) {
  const std::span<const mplane::Element> elements = registry.elements();
  auto builder = Capability::measure("service")
                     .when("now ... future / " + period)
                     .parameter("source.ip4", source)
                     .parameter("destination.port", port)
                     .parameter("destination.ip4");
  for (std::size_t column = 0; column < 2; ++column) {
    const std::size_t place =
        column == 0 ? n % elements.size() : (n + 1 + n / elements.size()) % elements.size();
    builder = std::move(builder).result(elements[place].name());
  }
  return std::move(builder).build(registry);
}

struct Services {
  CapabilityIndex index;
  std::vector<std::string> hashes;  // of their schemas, in order
  std::vector<Specification> specifications;

  void add(Capability capability) {
    hashes.push_back(capability.schema().hash());
    index.add(std::move(capability));
  }
  // A specification read from its text, as a component gets it: nothing is known of it yet.
  void ask(const Capability& capability, const mplane::Registry& registry, const std::size_t i) {
    const auto specification = capability.specify("now + 30s / 1s")
                                   .set("source.ip4", "10.0.0.1")
                                   .set("destination.port", 80)
                                   .set("destination.ip4", "192.0.2." + std::to_string(i % 256))
                                   .build();
    specifications.push_back(
        mplane::decode_as<Specification>(mplane::encode(specification), registry));
  }
};

// 50 schemas with 20 services each: three accept, others have another source, only other ports, or
// too long a period.
Services fifty_schemas(const mplane::Registry& registry) {
  constexpr std::size_t kSchemas = 50;
  Services services;
  for (std::size_t n = 0; n < kServices; ++n) {
    const std::size_t schema = n % kSchemas;
    const std::size_t kind = n / kSchemas;
    const bool accepts = kind % 7 == 0;  // 0, 7 and 14
    const std::string source = accepts || kind % 3 == 0 ? "10.0.0.1" : "10.0.0.2";
    const std::string port = accepts || kind % 3 == 1 ? "1 ... 1024" : "443,8080";
    const std::string period = accepts ? "1s" : "10s";
    services.add(offer(registry, schema, period, source, port));
    if (kind == 0) services.ask(*services.index.find(n), registry, n);
  }
  return services;
}

Services thousand_schemas(const mplane::Registry& registry) {
  Services services;
  for (std::size_t n = 0; n < kServices; ++n) {
    services.add(offer(registry, n, "1s", "10.0.0.1", "1 ... 1024"));
    services.ask(*services.index.find(n), registry, n);
  }
  return services;
}

void matching(bench::Suite& suite, const char* name, const Services& services,
              const std::size_t expected) {
  for (const Specification& specification : services.specifications) {
    if (services.index.accepting(specification, kNow).size() != expected) {
      throw std::runtime_error("the wrong number of services accepts");
    }
  }
  suite.rate(
      name,
      [&](const std::size_t i) {
        const auto& asked = services.specifications[i % services.specifications.size()];
        bench::keep(services.index.accepting(asked, kNow));
      },
      [&](const std::size_t i) {
        bench::keep(yardstick::count_equal(services.hashes, services.hashes[i % kServices]));
      });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const auto registry = mplane::Registry::core();
  matching(suite, "match-services", fifty_schemas(registry), kAccepting);
  matching(suite, "match-schemas", thousand_schemas(registry), 1);
  return suite.finish();
}
