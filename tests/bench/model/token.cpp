// What a default token costs beyond the hash itself.

#include "bench.hpp"
#include "inputs.hpp"
#include "md5_digest.hpp"
#include "mplane/model.hpp"

#include <string>
#include <vector>

namespace {

struct Case {
  mplane::Specification specification;
  std::string pre_image;
};

// The text that is hashed, by hand (protocol, section 6).
std::string pre_image(const mplane::Specification& specification) {
  return specification.registry().uri() + "measure w " + to_string(specification.when()) +
         " pk destination.ip4 source.ip4 pv " + to_string(specification.value("destination.ip4")) +
         " " + to_string(specification.value("source.ip4")) +
         " r delay.twoway.icmp.count delay.twoway.icmp.us.50pct delay.twoway.icmp.us.max "
         "delay.twoway.icmp.us.mean delay.twoway.icmp.us.min";
}

std::vector<Case> make_cases() {
  const auto registry = mplane::Registry::core();
  std::vector<Case> cases;
  for (std::string text : bench::specification_texts(256)) {
    text.replace(text.find(", \"token\""), std::string::npos, "}");
    auto specification = mplane::decode_as<mplane::Specification>(text, registry);
    std::string image = pre_image(specification);
    cases.push_back({std::move(specification), std::move(image)});
  }
  return cases;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const auto cases = make_cases();
  const yardstick::Md5 md5;
  suite.rate(
      "default-token",
      [&](const std::size_t i) { bench::keep(cases[i % cases.size()].specification.token()); },
      [&](const std::size_t i) { bench::keep(md5.digest(cases[i % cases.size()].pre_image)); });
  return suite.finish();
}
