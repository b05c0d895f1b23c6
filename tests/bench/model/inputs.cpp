#include "inputs.hpp"

#include <cstdint>
#include <cstdio>
#include <random>

namespace bench {
namespace {

constexpr const char* kSpecification =
    R"({"specification": "measure", "version": 1, "registry": "http://ict-mplane.eu/registry/core", )"
    R"("label": "ping-average-ip4-%zu", )"
    R"("when": "2017-12-24 22:%02u:00.000000 ... 2017-12-24 23:%02u:00.000000 / 1s", )"
    R"("parameters": {"source.ip4": "10.%u.%u.%u", "destination.ip4": "192.0.%u.%u"}, )"
    R"("results": ["delay.twoway.icmp.us.min", "delay.twoway.icmp.us.mean", )"
    R"("delay.twoway.icmp.us.50pct", "delay.twoway.icmp.us.max", "delay.twoway.icmp.count"], )"
    R"("token": "%08x%08x%08x%08x"})";

constexpr const char* kResultHead =
    R"({"result": "measure", "version": 1, "registry": "http://ict-mplane.eu/registry/core", )"
    R"("label": "trace-%zu", "when": "2017-12-24 22:18:42.993000 ... 2017-12-24 22:19:42.991000", )"
    R"("parameters": {"source.ip4": "10.0.27.2", "destination.ip4": "10.0.37.2"}, )"
    R"("results": ["time", "intermediate.ip4", "hops.ip", "delay.twoway.icmp.us"], )"
    R"("token": "%08x", "resultvalues": [)";

constexpr const char* kRow = R"(["2017-12-24 22:%02u:%02u.%06u", "%u.%u.%u.%u", "%u", "%u"])";

// Every text fits into the buffer; a longer one would be cut and then refused as JSON.
template <typename... Arguments>
std::string formatted(const char* format, const Arguments... arguments) {
  char buffer[1024];
  const int size = std::snprintf(buffer, sizeof(buffer), format, arguments...);
  return std::string(buffer, static_cast<std::size_t>(size));
}

class Numbers {
 public:
  explicit Numbers(const unsigned seed) : engine_(seed) {}
  unsigned below(const unsigned end) {
    return std::uniform_int_distribution<unsigned>(0, end - 1)(engine_);
  }
  unsigned any() { return static_cast<unsigned>(engine_()); }

 private:
  std::mt19937 engine_;
};

std::string row(Numbers& numbers) {
  return formatted(kRow, numbers.below(60), numbers.below(60), numbers.below(1'000'000),
                   1 + numbers.below(223), numbers.below(256), numbers.below(256),
                   numbers.below(256), 1 + numbers.below(30), 100 + numbers.below(300'000));
}

}  // namespace

std::vector<std::string> specification_texts(const std::size_t count) {
  Numbers numbers(1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(formatted(kSpecification, i, numbers.below(60), numbers.below(60),
                              numbers.below(256), numbers.below(256), numbers.below(256),
                              numbers.below(256), numbers.below(256), numbers.any(), numbers.any(),
                              numbers.any(), numbers.any()));
  }
  return texts;
}

std::vector<std::string> result_texts(const std::size_t count, const std::size_t rows) {
  Numbers numbers(2);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = formatted(kResultHead, i, numbers.any());
    for (std::size_t r = 0; r < rows; ++r) text += (r == 0 ? "" : ", ") + row(numbers);
    texts.push_back(text + "]}");
  }
  return texts;
}

}  // namespace bench
