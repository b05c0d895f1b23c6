// A text as a message. What reads can be written, unless it is unfit to be sent, in a form that
// reads back to the same; whatever is asked about it has an answer that makes sense.
#include "mplane/model.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mplane;

constexpr Instant kNow{std::chrono::seconds(1'433'160'000)};

const Registry& registry() {
  static const Registry core = Registry::core();
  return core;
}

std::optional<std::string> written(const Message& message, const EncodeOptions& options) {
  try {
    return encode(message, options);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::Invalid && !error.message().empty());
    return std::nullopt;
  }
}

void check_round_trip(const Message& message) {
  for (const bool pretty : {false, true}) {
    const EncodeOptions options{.pretty = pretty, .token_only = false};
    const auto text = written(message, options);
    if (!text) continue;
    const Message back = decode(*text, registry());
    require(back == message && back.kind() == message.kind());
    require(encode(back, options) == *text);
  }
  if (const auto brief = written(message, {.pretty = false, .token_only = true})) {
    require(decode(*brief, registry()).kind() == message.kind());
  }
}

void check_capability(const Capability& capability) {
  require(capability.covers(capability));
  require(Withdrawal(capability).token() == capability.token());
  require(Withdrawal::brief(capability).is_token_only());
}

void check_specification(const Specification& specification) {
  require(Receipt(specification).specification().token() == specification.token());
  require(Result(specification).row_count() == 0);
  require(specification.with_fresh_token(kNow, 1).token() !=
          specification.with_fresh_token(kNow, 2).token());
  const When& when = specification.when();
  for (const Instant start : when.starts(kNow, kNow, 3)) {
    const Specification run = specification.run_at(start);
    require(run.when() == when.run_at(start) && run.schema() == specification.schema());
  }
}

void check_result(const Result& result) {
  require(result.columns().size() == result.schema().columns().size());
  for (const Column& column : result.columns()) require(column.size() == result.row_count());
  for (const Row row : result.rows()) {
    for (std::size_t i = 0; i < result.columns().size(); ++i) {
      require(row.value(i).has_value() == result.columns()[i].has_value(row.index()));
    }
  }
  require(!export_json(result, "component").empty());
}

void check_offers(const std::vector<Message>& messages) {
  for (const Message& offer : messages) {
    const auto* capability = offer.find<Capability>();
    if (capability == nullptr) continue;
    CapabilityIndex index;
    index.add(*capability);
    for (const Message& asked : messages) {
      const auto* specification = asked.find<Specification>();
      if (specification == nullptr) continue;
      const bool accepts = capability->accepts(*specification, kNow);
      require(accepts == !capability->objection(*specification, kNow));
      require(accepts == (index.first_accepting(*specification, kNow) != nullptr));
    }
  }
}

void check(const Message& message) {
  require(!diagnostic(message).empty());
  if (const Statement* statement = message.statement()) {
    require(statement->statement_hash().size() == 32 && statement->value_hash().size() == 32);
    require(statement->schema().hash().size() == 32);
  }
  if (const auto* capability = message.find<Capability>()) check_capability(*capability);
  if (const auto* specification = message.find<Specification>()) {
    check_specification(*specification);
  }
  if (const auto* result = message.find<Result>()) check_result(*result);
  if (const auto* envelope = message.find<Envelope>()) {
    for (const Message& content : envelope->messages()) check(content);
    check_offers(envelope->messages());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Message message = decode({reinterpret_cast<const char*>(data), size}, registry());
    check_round_trip(message);
    check(message);
  } catch (const Error& error) {
    require(!error.message().empty() && error.message().size() < 2000);
  }
  return 0;
}
