#include "mplane/model/message.hpp"

#include "error_of.hpp"
#include "samples.hpp"

using mplane::Capability;
using mplane::Envelope;
using mplane::Error;
using mplane::ErrorKind;
using mplane::Exception;
using mplane::Message;
using mplane::Receipt;
using mplane::Redemption;
using mplane::Result;

namespace {

std::vector<Message> one_of_each() {
  const auto once = samples::ping_once();
  return {samples::ping(),
          once,
          samples::ping_result(),
          Receipt(once),
          Redemption(once),
          mplane::Indirection(once, "https://h/"),
          mplane::Withdrawal(samples::ping()),
          mplane::Interrupt(once),
          Exception("t", "m"),
          Envelope()};
}

Envelope numbered(const std::vector<std::string>& tokens) {
  Envelope envelope;
  for (const std::string& token : tokens) envelope.append(Exception(token, "m"));
  return envelope;
}

}  // namespace

TEST_CASE("a message knows its kind", "[message]") {
  const std::vector<std::string> kinds = {"capability", "specification", "result",     "receipt",
                                          "redemption", "indirection",   "withdrawal", "interrupt",
                                          "exception",  "envelope"};
  const auto messages = one_of_each();
  REQUIRE(messages.size() == kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    CHECK(messages[i].kind() == kinds[i]);
    CHECK((messages[i].statement() == nullptr) == (i >= 8));
  }
  CHECK(messages[0].find<Capability>() != nullptr);
  CHECK(messages[0].find<Result>() == nullptr);
}

TEST_CASE("a message has the token and label of what it is", "[message]") {
  CHECK(Message(samples::ping()).token() == samples::ping().token());
  CHECK(Message(samples::ping()).label() == "ping");
  CHECK(Message(Exception("t", "m")).token() == "t");
  CHECK(Message(Exception({}, "m")).token().empty());
  CHECK(Message(Exception("t", "m")).label().empty());
  Envelope envelope;
  CHECK(Message(envelope).token().empty());
  envelope.token = "e";
  envelope.label = "l";
  CHECK(Message(envelope).token() == "e");
  CHECK(Message(envelope).label() == "l");
}

TEST_CASE("an exception always says something", "[message]") {
  CHECK(Exception("t", "").message() == "Unspecified exception");
  const Error error(ErrorKind::Invalid, "parameters/x", "is wrong");
  CHECK(Exception({}, error).message() == "parameters/x: is wrong");
}

TEST_CASE("an envelope keeps messages in order and the newest when trimmed", "[message]") {
  Envelope envelope = numbered({"1", "2", "3"});
  CHECK(envelope.size() == 3);
  envelope.trim(5);
  CHECK(envelope.size() == 3);
  envelope.trim(2);
  CHECK(envelope == numbered({"2", "3"}));
  envelope.trim(0);
  CHECK(envelope.empty());
}

TEST_CASE("envelopes are equal when all they have is", "[message]") {
  const Envelope one = numbered({"1", "2"});
  CHECK(one != numbered({"2", "1"}));
  Envelope other = one;
  CHECK(one == other);
  other.label = "l";
  CHECK(one != other);
  other = one;
  other.content_type = "exception";
  CHECK(one != other);
  other = one;
  other.when = mplane::When::parse("now");
  CHECK(one != other);
}

TEST_CASE("notifications, exceptions and envelopes are lines, too", "[message][diagnostic]") {
  const std::string token = samples::ping_once().token();
  CHECK(diagnostic(Message(Receipt(samples::ping_once()))) == "<receipt: (ping) " + token + ">");
  CHECK(diagnostic(Message(Redemption::of("abc"))) == "<redemption: abc>");
  CHECK(diagnostic(Message(Exception("t", "what went\nwrong"))) ==
        "<exception: t what went\\nwrong>");
  CHECK(diagnostic(Message(Exception({}, "m"))) == "<exception: no token m>");
  Envelope envelope = numbered({"1", "2"});
  envelope.token = "tok";
  CHECK(diagnostic(Message(envelope)) ==
        "<envelope: message (2) token tok:\n <exception: 1 m>\n <exception: 2 m>>");
  CHECK(diagnostic(Message(Envelope())) == "<envelope: message (0)>");
}
