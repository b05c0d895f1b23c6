#include "mplane/model/constraint.hpp"

#include "error_of.hpp"

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using mplane::Address;
using mplane::Constraint;
using mplane::ErrorKind;
using mplane::Ip4;
using mplane::Primitive;
using mplane::Value;
using Kind = mplane::Constraint::Kind;

namespace {

struct Form {
  Primitive primitive;
  std::string text;
  Kind kind;
  std::string canonical, single;  // of more than one value: "-"
};
const Form kForms[] = {
    {Primitive::Natural, "*", Kind::Any, "*", "-"},
    {Primitive::Natural, "3,1,2,1", Kind::Set, "3,1,2", "-"},
    {Primitive::Natural, "1,  2,3", Kind::Set, "1,2,3", "-"},
    {Primitive::Natural, "10E2, 1000", Kind::Set, "1000", "1000"},
    {Primitive::Natural, "32768 ... 65535", Kind::Range, "32768 ... 65535", "-"},
    {Primitive::Natural, "5 ... 1", Kind::Range, "1 ... 5", "-"},
    {Primitive::Natural, "5 ... 5.0", Kind::Range, "5 ... 5", "5"},
    {Primitive::Real, "0 ... 1", Kind::Range, "0.0 ... 1.0", "-"},
    {Primitive::Real, "0.5,0.50", Kind::Set, "0.5", "0.5"},
    {Primitive::Real, "0, -0", Kind::Set, "0.0", "0.0"},
    {Primitive::Boolean, "true", Kind::Set, "True", "True"},
    {Primitive::Boolean, "True,False", Kind::Set, "True,False", "-"},
    {Primitive::Boolean, "True ... False", Kind::Range, "False ... True", "-"},
    {Primitive::String, "", Kind::Set, "", ""},
    {Primitive::String, "foo, bar", Kind::Set, "foo,bar", "-"},
    {Primitive::String, " foo", Kind::Set, " foo", " foo"},
    {Primitive::String, "a,", Kind::Set, "a,", "-"},
    {Primitive::String, ",", Kind::Set, "", ""},
    {Primitive::String, "a ... f", Kind::Range, "a ... f", "-"},
    {Primitive::String, "a ... ", Kind::Range, " ... a", "-"},
    {Primitive::String, "a,b ... c", Kind::Range, "a,b ... c", "-"},
    {Primitive::String, "...", Kind::Set, "...", "..."},
    {Primitive::String, "a ... ... b", Kind::Range, "... b ... a", "-"},
    {Primitive::Url, "http://a/,http://b/", Kind::Set, "http://a/,http://b/", "-"},
    {Primitive::Address, "10.0.27.2", Kind::Set, "10.0.27.2", "10.0.27.2"},
    {Primitive::Address, "10.0.0.9 ... 10.0.0.1", Kind::Range, "10.0.0.1 ... 10.0.0.9", "-"},
    {Primitive::Address, "2001:db8::1,10.0.0.1", Kind::Set, "2001:db8::1,10.0.0.1", "-"},
    {Primitive::Address, "10.0.0.0/8", Kind::Set, "10.0.0.0/8", "-"},
    {Primitive::Address, "10.0.0.1/32", Kind::Set, "10.0.0.1/32", "-"},
    {Primitive::Time, "2013-01-01", Kind::Set, "2013-01-01 00:00:00.000000",
     "2013-01-01 00:00:00.000000"},
    {Primitive::Time, "now", Kind::Set, "now", "now"},
    {Primitive::Time, "future ... 2014-01-01", Kind::Range, "2014-01-01 00:00:00.000000 ... future",
     "-"},
    {Primitive::Time, "past ... future", Kind::Range, "past ... future", "-"},
};

}  // namespace

TEST_CASE("a constraint is anything, a range or a set", "[constraint]") {
  for (const auto& [primitive, text, kind, canonical, single] : kForms) {
    CAPTURE(text);
    const Constraint constraint = Constraint::parse(primitive, text);
    CHECK(constraint.kind() == kind);
    CHECK(constraint.is_any() == (kind == Kind::Any));
    CHECK(to_string(constraint) == canonical);
    CHECK(Constraint::parse(primitive, canonical) == constraint);
    CHECK((constraint.single() == nullptr ? "-" : to_string(*constraint.single())) == single);
  }
}

TEST_CASE("what is no constraint is refused with the reason", "[constraint]") {
  struct Case {
    Primitive primitive;
    std::string text, message;
  };
  const Case cases[] = {
      {Primitive::Natural, "abc", R"("abc" is not a natural)"},
      {Primitive::Natural, "", R"("" is not a natural)"},
      {Primitive::Natural, "1,,2", R"("" is not a natural)"},
      {Primitive::Natural, "1,2,", R"("" is not a natural)"},
      {Primitive::Natural, "1 ,2", R"("1 " is not a natural)"},
      {Primitive::Natural, "0...32", R"("0...32" is not a natural)"},
      {Primitive::Natural, "1 ... 2 ... 3", R"("2 ... 3" is not a natural)"},
      {Primitive::Natural, "1 ... ", R"("" is not a natural)"},
      {Primitive::Natural, "* ... 5", "* can be no bound"},
      {Primitive::Natural, "5 ... *", "* can be no bound"},
      {Primitive::Natural, "1,*", "* can be no member of a set"},
      {Primitive::Natural, "*,1", "* can be no member of a set"},
      {Primitive::String, "a ... b ... c", "a second"},
      {Primitive::Real, "nan", R"("nan" is not a real number)"},
      {Primitive::Address, "10.0.0.1 ... ::1", R"("10.0.0.1" and "::1" have no order)"},
      {Primitive::Address, "10.0.0.0/8 ... 11.0.0.0", "have no order"},
      {Primitive::Address, "10.0.0.300", R"("10.0.0.300" is not an address)"},
      {Primitive::Time, "now ... future", R"("now" and "future" have no order)"},
      {Primitive::Url, "http://a/ ... http://b/", "have no order"},
      {Primitive::Url, "http://a/?x=1,2", R"("2" is not a URL)"},
  };
  for (const auto& [primitive, text, message] : cases) {
    CAPTURE(text);
    const auto error = error_of([p = primitive, &t = text] { Constraint::parse(p, t); });
    CHECK_THAT(error.message(), Catch::Contains(message));
  }
}

TEST_CASE("a constraint that could not be read back cannot be made", "[constraint]") {
  const auto refuse_set = [](std::vector<Value> members) {
    CHECK(error_of([&] { Constraint::one_of(members); }).kind() == ErrorKind::Invalid);
  };
  refuse_set({});
  refuse_set({Value()});
  refuse_set({1U, Value()});
  refuse_set({"a,b"});
  refuse_set({"a ... b"});
  refuse_set({"*"});
  refuse_set({"a", " b"});
  refuse_set({mplane::Uri::parse("http://a/?x=1,2")});
  const auto refuse_range = [](const Value& low, const Value& high) {
    CHECK(error_of([&] { Constraint::range(low, high); }).kind() == ErrorKind::Invalid);
  };
  refuse_range(Value(), 1U);
  refuse_range("a ... b", "c");
  refuse_range("a ...", "b");
  refuse_range("...", "... x");
  refuse_range("*", "a");
  refuse_range(1U, 1.0);
  CHECK(to_string(Constraint::one_of({" a", "b"})) == " a,b");
  CHECK(to_string(Constraint::range("b", "a")) == "a ... b");
}

TEST_CASE("a constraint admits what lies in it", "[constraint]") {
  struct Case {
    Primitive primitive;
    std::string constraint;
    std::vector<std::string> admitted, refused;
  };
  const Case cases[] = {
      {Primitive::Natural, "*", {"0", "18446744073709551615"}, {}},
      {Primitive::Natural, "1,2,3", {"1", "3.0"}, {"0", "4"}},
      {Primitive::Natural, "32768 ... 65535", {"32768", "65535"}, {"32767", "65536"}},
      {Primitive::Real, "0 ... 1", {"0", "0.5", "1", "-0"}, {"1.1", "-1e-9"}},
      {Primitive::Boolean, "False ... True", {"0", "1"}, {}},
      {Primitive::Boolean, "True", {"1"}, {"0"}},
      {Primitive::String, "foo,bar", {"foo", "bar"}, {"", " bar", "foo,bar"}},
      {Primitive::String, "a ... f", {"a", "c", "f"}, {"", "g", "fa", "A"}},
      {Primitive::String, " ... a", {"", "a", "B"}, {"b", "aa"}},
      {Primitive::Url, "http://a/", {"http://a/"}, {"http://a", "http://A/"}},
      {Primitive::Address, "10.0.0.1", {"10.0.0.1"}, {"10.0.0.2", "::1", "10.0.0.1/32"}},
      {Primitive::Address,
       "10.0.0.1 ... 10.0.0.9",
       {"10.0.0.1", "10.0.0.9"},
       {"10.0.0.0", "10.0.0.10", "::1", "10.0.0.4/31"}},
      {Primitive::Address,
       "10.0.0.0/8,2001:db8::/32",
       {"10.0.0.0", "10.255.255.255", "10.1.0.0/16", "10.0.0.0/8", "2001:db8::1"},
       {"11.0.0.0", "8.0.0.0/7", "2001:db9::"}},
      {Primitive::Time, "2013-01-01", {"2013-01-01 00:00"}, {"2013-01-02", "now", "past"}},
      {Primitive::Time, "now", {"now"}, {"past", "2013-01-01"}},
      {Primitive::Time, "2013-01-01 ... future", {"2013-01-01", "future"}, {"2012-12-31", "now"}},
  };
  for (const auto& [primitive, text, admitted, refused] : cases) {
    const Constraint constraint = Constraint::parse(primitive, text);
    for (const auto& value : admitted) {
      CAPTURE(text, value);
      CHECK(constraint.admits(Value::parse(primitive, value)));
    }
    for (const auto& value : refused) {
      CAPTURE(text, value);
      CHECK_FALSE(constraint.admits(Value::parse(primitive, value)));
    }
    CHECK(constraint.admits(Value()) == constraint.is_any());
  }
  CHECK_FALSE(Constraint::one_of({1U}).admits(1.0));
  CHECK_FALSE(Constraint::range(0U, 5U).admits("3"));
}

namespace {

struct Pair {
  Primitive primitive;
  std::string outer, inner;
  bool contains;
};

const Pair kPairs[] = {
    {Primitive::Natural, "*", "*", true},
    {Primitive::Natural, "*", "1 ... 5", true},
    {Primitive::Natural, "*", "1", true},
    {Primitive::Natural, "0 ... 18446744073709551615", "*", false},
    {Primitive::Natural, "1 ... 5", "1 ... 5", true},
    {Primitive::Natural, "1 ... 5", "2 ... 6", false},
    {Primitive::Natural, "1 ... 5", "5,1,3", true},
    {Primitive::Natural, "1 ... 5", "5,6", false},
    {Primitive::Natural, "1,2,3", "3,1", true},
    {Primitive::Natural, "1,2,3", "3,4", false},
    {Primitive::Natural, "3,1,2", "1 ... 3", true},
    {Primitive::Natural, "3,1", "1 ... 3", false},
    {Primitive::Natural, "7", "7 ... 7", true},
    {Primitive::Natural, "18446744073709551614,18446744073709551615",
     "18446744073709551614 ... 18446744073709551615", true},
    {Primitive::Boolean, "True,False", "False ... True", true},
    {Primitive::Boolean, "True", "False ... True", false},
    {Primitive::Boolean, "True,False", "*", false},  // it admits no value, too
    {Primitive::Real, "0 ... 1", "0.25,0.75", true},
    {Primitive::Real, "0.5", "0.5 ... 0.5", true},
    {Primitive::Real, "0,1", "0 ... 1", false},
    {Primitive::String, "a ... c", "abc,b", true},
    {Primitive::String, "a,b", "a ... b", false},
    {Primitive::String, "a", "a ... a", true},
    {Primitive::Url, "a:b,a:c", "a:c", true},
    {Primitive::Address, "10.0.0.0/8", "10.1.0.0/16,10.0.0.1", true},
    {Primitive::Address, "10.0.0.0/8", "10.0.0.0 ... 10.255.255.255", true},
    {Primitive::Address, "10.0.0.0/8", "10.0.0.0 ... 11.0.0.0", false},
    {Primitive::Address, "10.0.0.0/9,::1,10.128.0.0/9", "10.0.0.5 ... 10.255.0.0", true},
    {Primitive::Address, "10.0.0.0/9,10.128.0.0/9", "10.0.0.0/8", false},  // the network itself
    {Primitive::Address, "10.0.0.0/30,10.0.0.4,10.0.0.5", "10.0.0.1 ... 10.0.0.5", true},
    {Primitive::Address, "10.0.0.0/30,10.0.0.5", "10.0.0.1 ... 10.0.0.5", false},
    {Primitive::Address, "0.0.0.0/0", "0.0.0.0 ... 255.255.255.255", true},
    {Primitive::Address, "::/0", ":: ... ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
    {Primitive::Address, "::ffff,::1:0", "::ffff ... ::1:0", true},
    {Primitive::Address, "10.0.0.0 ... 10.0.0.255", "10.0.0.0/24", false},  // admits hosts only
    {Primitive::Address, "0.0.0.0/0", "::1", false},
    {Primitive::Time, "2013-01-01 ... future", "2014-01-01 ... 2015-01-01", true},
    {Primitive::Time, "2013-01-01 ... 2014-01-01", "2013-06-01 ... future", false},
    {Primitive::Time, "2013-01-01,2013-01-01 00:00:00.000001",
     "2013-01-01 ... 2013-01-01 00:00:00.000001", true},
    {Primitive::Time, "past,future", "past ... future", false},
    {Primitive::Time, "now,past", "now", true},
};

}  // namespace

TEST_CASE("a constraint contains another when it admits all that the other does", "[constraint]") {
  for (const auto& [primitive, outer, inner, contains] : kPairs) {
    CAPTURE(outer, inner);
    CHECK(Constraint::parse(primitive, outer).contains(Constraint::parse(primitive, inner)) ==
          contains);
  }
}

TEST_CASE("large sets are compared as small ones are", "[constraint]") {
  std::string even;
  std::string every;
  for (int i = 0; i < 100'000; ++i) {
    every += (i == 0 ? "" : ",") + std::to_string(i);
    if (i % 2 == 0) even += (i == 0 ? "" : ",") + std::to_string(i);
  }
  const Constraint all = Constraint::parse(Primitive::Natural, every);
  const Constraint half = Constraint::parse(Primitive::Natural, even);
  CHECK(all.contains(half));
  CHECK_FALSE(half.contains(all));
  CHECK(all.contains(Constraint::range(0U, 99'999U)));
  CHECK_FALSE(all.contains(Constraint::range(0U, 100'000U)));
  CHECK_FALSE(half.contains(Constraint::range(0U, 99'998U)));
  CHECK(to_string(Constraint::parse(Primitive::Natural, every + "," + even)) == every);

  std::vector<Value> hosts;
  for (std::uint8_t a = 0; a < 100; ++a) {
    for (std::uint8_t b = 0; b < 100; ++b) hosts.emplace_back(Ip4({10, 0, a, b}));
  }
  const Constraint networks =
      Constraint::one_of({Address::parse("10.0.0.0/18"), Address::parse("10.0.64.0/18")});
  CHECK(networks.contains(Constraint::one_of(hosts)));
  hosts.emplace_back(Ip4({10, 0, 128, 0}));
  CHECK_FALSE(networks.contains(Constraint::one_of(hosts)));
}

TEST_CASE("containing agrees with admitting, for sets and ranges of small numbers",
          "[constraint]") {
  std::mt19937 random(7);
  const auto make = [&random] {
    if (random() % 2 == 0) return Constraint::range(random() % 8, random() % 8);
    std::vector<Value> members;
    for (auto count = random() % 8 + 1; count > 0; --count) members.emplace_back(random() % 8);
    return Constraint::one_of(members);
  };
  for (int i = 0; i < 5'000; ++i) {
    const Constraint outer = make();
    const Constraint inner = make();
    bool all_admitted = true;
    for (unsigned n = 0; n < 8; ++n) {
      all_admitted = all_admitted && (outer.admits(n) || !inner.admits(n));
    }
    CAPTURE(to_string(outer), to_string(inner));
    REQUIRE(outer.contains(inner) == all_admitted);
  }
}
