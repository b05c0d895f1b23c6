#include "lies.hpp"

#include "mplane/model/json.hpp"

namespace mplane {
namespace {

enum class Lie : std::uint8_t { ForNobody, OtherColumns, BrokenOff, NoResult };

/// Under the token that was asked for.
std::string with_other_columns(const Result& truth) {
  const Specification other = Capability::measure("lie")
                                  .when("now ... future")
                                  .result("intermediate.ip4")
                                  .result("hops.ip")
                                  .build(Registry::core())
                                  .specify("now")
                                  .token(truth.token())
                                  .build();
  return encode(Result(other)
                    .measured(truth.when())
                    .row({{"intermediate.ip4", Ip4()}, {"hops.ip", std::uint64_t{1}}}));
}

std::string no_result(const Result& truth) {
  return encode(Capability::measure("lie")
                    .when("now ... future")
                    .result("hops.ip")
                    .token(truth.token())
                    .build(Registry::core()));
}

}  // namespace

std::string lie_about(const Result& truth, Random& random) {
  switch (static_cast<Lie>(random.between(0, 3))) {
    case Lie::ForNobody:
      return encode(
          Result(truth).with_token("nobody-" + std::to_string(random.between(0, UINT64_MAX))));
    case Lie::OtherColumns:
      return with_other_columns(truth);
    case Lie::BrokenOff: {
      const std::string json = encode(truth);
      return json.substr(0, json.size() / 2);
    }
    case Lie::NoResult:
      break;
  }
  return no_result(truth);
}

}  // namespace mplane
