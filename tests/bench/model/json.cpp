// What it costs to read and to write messages, against a plain JSON library that knows nothing of
// registries, values and scopes.

#include "bench.hpp"
#include "inputs.hpp"
#include "json_dom.hpp"
#include "live_bytes.hpp"
#include "mplane/model.hpp"

#include <functional>
#include <string>
#include <vector>

namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kRows = 10'000;

void decoding(bench::Suite& suite, const char* name, const Texts& texts,
              const mplane::Registry& registry) {
  suite.rate(
      name,
      [&](const std::size_t i) { bench::keep(mplane::decode(texts[i % texts.size()], registry)); },
      [&](const std::size_t i) { bench::keep(yardstick::parse_dom(texts[i % texts.size()])); });
}

void encoding(bench::Suite& suite, const char* name, const Texts& texts,
              const mplane::Registry& registry) {
  std::vector<mplane::Message> messages;
  std::vector<yardstick::ReadyDom> documents;
  for (const std::string& text : texts) {
    messages.push_back(mplane::decode(text, registry));
    documents.emplace_back(mplane::encode(messages.back()));
  }
  suite.rate(
      name,
      [&](const std::size_t i) { bench::keep(mplane::encode(messages[i % messages.size()])); },
      [&](const std::size_t i) { bench::keep(documents[i % documents.size()].write()); });
}

// A decoded result at rest may take two and a half times what its values are.
void memory(bench::Suite& suite, const Texts& texts, const mplane::Registry& registry) {
  constexpr double kMost = 2.5;
  suite.limit("decode-result-memory", {{.unit = "B", .better = bench::Better::Lower}},
              {kMost * static_cast<double>(bench::kRowBytes * kRows)}, [&] {
                const std::size_t before = bench::live_bytes();
                const mplane::Message message = mplane::decode(texts[0], registry);
                return std::vector<double>{static_cast<double>(bench::live_bytes() - before)};
              });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  const auto registry = mplane::Registry::core();
  const Texts specifications = bench::specification_texts(256);
  const Texts results = bench::result_texts(4, kRows);
  decoding(suite, "decode-specification", specifications, registry);
  decoding(suite, "decode-result", results, registry);
  memory(suite, results, registry);
  encoding(suite, "encode-specification", specifications, registry);
  encoding(suite, "encode-result", results, registry);
  return suite.finish();
}
