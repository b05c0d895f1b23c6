#include "scheduler/workshop.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

TEST_CASE("what is offered can be found by its token", "[scheduler][catalogue]") {
  Workshop shop;
  REQUIRE(shop.capability.has_token());
  const std::string token = shop.capability.token();
  REQUIRE(shop.scheduler.find_capability(token));
  CHECK(shop.scheduler.find_capability(token)->label() == "ping");
  CHECK_FALSE(shop.scheduler.is_withdrawn(token));
  CHECK_FALSE(shop.scheduler.find_capability("nope"));
  CHECK_FALSE(shop.scheduler.is_withdrawn("nope"));
}

TEST_CASE("capabilities are listed in the order of their offers", "[scheduler][catalogue]") {
  Workshop shop;
  for (const char* label : {"zebra", "ape"}) {
    shop.scheduler.offer({ping_capability(label, label), shop.runs.service()});
  }
  const auto all = shop.scheduler.capabilities();
  REQUIRE(all.size() == 3);
  CHECK(all[1].label() == "zebra");
  CHECK(all[2].label() == "ape");
}

TEST_CASE("what is withdrawn is remembered, and can be offered again", "[scheduler][catalogue]") {
  Workshop shop;
  const std::string token = shop.capability.token();
  shop.submit("now");
  REQUIRE(shop.scheduler.withdraw(token));
  CHECK_FALSE(shop.scheduler.withdraw(token));
  CHECK(shop.scheduler.capabilities().empty());
  CHECK(shop.scheduler.is_withdrawn(token));
  CHECK(shop.scheduler.find_capability(token));
  CHECK_THROWS_AS(shop.submit("now", "another"), Error);
  shop.runs.finish(2);  // what runs goes on
  CHECK(count_of(shop.redeem()) == 2);
  shop.scheduler.offer({shop.capability, shop.runs.service()});
  CHECK_FALSE(shop.scheduler.is_withdrawn(token));
  shop.submit("now", "another");
}

TEST_CASE("the same capability is not offered twice", "[scheduler][catalogue]") {
  Workshop shop;
  CHECK_THROWS_AS(shop.scheduler.offer({ping_capability(), shop.runs.service()}), Error);
}

TEST_CASE("a specification is given to the first service that accepts it",
          "[scheduler][catalogue]") {
  Workshop shop;
  const Capability local = Capability::measure("local")
                               .when("past ... future")
                               .parameter("destination.ip4", "127.0.0.0/8")
                               .result("delay.twoway.icmp.count")
                               .build(Registry::core());
  shop.scheduler.withdraw(shop.capability.token());
  shop.scheduler.offer({local, shop.runs.service()});
  shop.scheduler.offer({shop.capability, shop.runs.service()});
  const auto asked = [&](const char* address) {
    return shop.scheduler
        .capability_for(
            shop.capability.specify("now").set("destination.ip4", address).label("any").build())
        .label();
  };
  CHECK(asked("127.0.0.1") == "local");
  CHECK(asked("192.0.2.1") == "ping");
}

TEST_CASE("of several that accept a specification the one with its label takes it",
          "[scheduler][catalogue]") {
  Workshop shop;
  shop.scheduler.offer({ping_capability("other").with_token("other"), shop.runs.service()});
  const auto taken_by = [&](const std::string& label) {
    const Specification asked =
        shop.capability.specify("now").set("destination.ip4", "127.0.0.1").label(label).build();
    return shop.scheduler.capability_for(asked).label();
  };
  CHECK(taken_by("other") == "other");
  CHECK(taken_by("other-12") == "other");  // as the old SDK's clients number it
  for (const char* const label : {"ping", "", "other-", "other-1a", "others", "oth"}) {
    CAPTURE(label);
    CHECK(taken_by(label) == "ping");
  }
}

TEST_CASE("a service that is chosen by label takes no specification of another's",
          "[scheduler][catalogue]") {
  Workshop shop;
  shop.scheduler.withdraw(shop.capability.token());
  for (const std::string label : {"loop@one", "loop@one-7"}) {
    Service service{ping_capability(label).with_token(label), shop.runs.service()};
    service.by_label = true;
    shop.scheduler.offer(service);
  }
  const auto taken_by = [&](const std::string& label) {
    const Specification asked =
        shop.capability.specify("now").set("destination.ip4", "127.0.0.1").label(label).build();
    return shop.scheduler.capability_for(asked).label();
  };
  CHECK(taken_by("") == "loop@one");
  CHECK(taken_by("loop@one-8") == "loop@one");
  CHECK(taken_by("loop@one-7") == "loop@one-7");  // the whole label before the numbered one
  CHECK(taken_by("loop@one-7-8") == "loop@one-7");
  for (const std::string label : {"loop@one-b", "loop@two", "ping"}) {
    CAPTURE(label);
    CHECK_THROWS_WITH(taken_by(label), Catch::Contains("it is for \"" + label + "\""));
  }
  shop.scheduler.withdraw("loop@one-7");
  CHECK_THROWS_WITH(taken_by("loop@one-7"), Catch::Contains("it is for \"loop@one-7\""));
  CHECK(taken_by("loop@one-8") == "loop@one");
  shop.scheduler.offer({shop.capability, shop.runs.service()});
  CHECK(taken_by("loop@two") == "ping");
}

TEST_CASE("the choice can be left to the services that may be used", "[scheduler][catalogue]") {
  Workshop shop;
  ByHand others;
  shop.scheduler.offer({ping_capability("other").with_token("other"), others.service()});
  const auto submit = [&](const std::string& token, const std::string& label) {
    shop.scheduler.submit("alice", ask(shop.capability, "now", token),
                          [&](const Capability& one) { return one.label() == label; });
  };
  submit("t1", "other");
  CHECK(others.starts() == 1);
  submit("t2", "ping");
  CHECK(shop.runs.starts() == 1);
  try {
    submit("t3", "neither");
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Refused);
  }
  CHECK(others.starts() + shop.runs.starts() == 2);
}

TEST_CASE("a refusal says why no service takes it", "[scheduler][catalogue]") {
  Workshop shop;
  const auto refusal_of = [&](const Specification& specification) {
    try {
      shop.scheduler.capability_for(specification);
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Invalid);
      return error.where();
    }
    return std::string("nothing");
  };
  const Capability other = Capability::measure("x").result("time").build(Registry::core());
  CHECK(refusal_of(other.specify("now").build()) == "specification");
  CHECK(refusal_of(ask(ping_capability("q", "query"), "now", "t")) == "specification");
  const Specification every =
      ask(shop.capability, "now + 3s", "t").with_when(When::parse("now + 3s / 1s"));
  CHECK(refusal_of(every) == "when");
}
