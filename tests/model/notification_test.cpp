#include "mplane/model/notification.hpp"

#include "error_of.hpp"
#include "mplane/model/json.hpp"
#include "samples.hpp"

using mplane::Indirection;
using mplane::Interrupt;
using mplane::Receipt;
using mplane::Redemption;
using mplane::Specification;
using mplane::Withdrawal;

namespace {

Specification asked() {
  return samples::ping()
      .specify("now + 1m / 1s")
      .set("destination.ip4", "10.0.37.2")
      .link("https://h/")
      .export_to("udp://h:2")
      .metadata("System_version", "1")
      .build();
}

}  // namespace

TEST_CASE("a receipt repeats its specification but for link and export", "[notification]") {
  const Receipt receipt(asked());
  CHECK(receipt.when() == asked().when());
  CHECK(receipt.schema() == asked().schema());
  CHECK(receipt.metadata() == asked().metadata());
  CHECK(receipt.value("destination.ip4") == asked().value("destination.ip4"));
  CHECK(receipt.constraint("source.ip4") == asked().constraint("source.ip4"));
  CHECK(receipt.has_token());
  CHECK(receipt.token() == asked().token());
  CHECK_FALSE(receipt.link());
  CHECK_FALSE(receipt.export_url());
  CHECK_FALSE(receipt.is_token_only());
  CHECK(receipt.with_label("other").label() == "other");
}

TEST_CASE("a receipt gives back the specification it repeats", "[notification]") {
  const Specification again = Receipt(asked()).specification();
  CHECK(again.when() == asked().when());
  CHECK(again.token() == asked().token());
  CHECK(again.value_hash() == asked().value_hash());
  CHECK(again.metadata() == asked().metadata());
  CHECK_FALSE(again.link());
  CHECK_FALSE(again.export_url());

  const auto brief = samples::decode_as<Receipt>(R"({"receipt": "measure", "token": "abc"})");
  CHECK(brief.is_token_only());
  CHECK(brief.token() == "abc");
  CHECK_THAT(error_of([&] { brief.specification(); }).message(), Catch::Contains("abc"));
}

TEST_CASE("redemptions and interrupts have everything of what they are about", "[notification]") {
  const Receipt receipt(asked());
  CHECK(Redemption(receipt).token() == receipt.token());
  CHECK(Redemption(receipt).when() == receipt.when());
  CHECK(Redemption(asked()).link() == "https://h/");
  CHECK(Interrupt(receipt).token() == receipt.token());
  CHECK(Interrupt(asked()).token() == asked().token());
  CHECK(Interrupt(asked()).label() == "ping");
}

TEST_CASE("a token alone can be redeemed and interrupted", "[notification]") {
  const Redemption redemption = Redemption::of("abc");
  CHECK(redemption.is_token_only());
  CHECK(redemption.token() == "abc");
  CHECK(redemption.verb() == "measure");
  CHECK(redemption.schema().parameters().empty());
  CHECK(
      encode(redemption) ==
      R"({"redemption":"measure","version":1,"registry":"http://ict-mplane.eu/registry/core","token":"abc"})");
  CHECK(Interrupt::of("abc", "query").verb() == "query");
}

TEST_CASE("a withdrawal has the constraints of its capability, not its link", "[notification]") {
  const auto capability = samples::ping().with_link("https://h/");
  const Withdrawal withdrawal(capability);
  CHECK(withdrawal.constraint("source.ip4") == capability.constraint("source.ip4"));
  CHECK(withdrawal.token() == capability.token());
  CHECK_FALSE(withdrawal.link());
}

TEST_CASE("a brief withdrawal is what old peers can read", "[notification]") {
  const Withdrawal brief = Withdrawal::brief(samples::ping());
  CHECK(brief.is_token_only());
  CHECK(brief.label() == "ping");
  CHECK(brief.token() == samples::ping().token());
  CHECK(samples::decode(encode(brief)) == mplane::Message(brief));
}

TEST_CASE("an indirection says where to ask", "[notification]") {
  const Indirection indirection(asked(), "https://there/");
  CHECK(indirection.link() == "https://there/");
  CHECK(indirection.token() == asked().token());
  CHECK(samples::decode(encode(indirection)).kind() == "indirection");
}
