#include "mplane/model/column.hpp"

#include "error_of.hpp"

#include <string>
#include <vector>

using mplane::Column;
using mplane::ErrorKind;
using mplane::Primitive;
using mplane::Value;

namespace {

struct Sample {
  Primitive primitive;
  std::vector<std::string> texts;  // canonical ones
};

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = {
      {Primitive::String, {"", "a", "*", "été", std::string(300, 'x'), "b"}},
      {Primitive::Natural, {"0", "*", "18446744073709551615", "7"}},
      {Primitive::Real, {"0.0", "2.5", "*", "1e+16", "-1e-05"}},
      {Primitive::Boolean, {"True", "False", "*", "True"}},
      {Primitive::Time, {"past", "2017-12-24 22:18:42.993000", "*", "future", "now"}},
      {Primitive::Address,
       {"10.0.0.1", "10.0.0.0/8", "*", "0.0.0.0/0", "::1", "10.0.0.2", "2001:db8::/32", "::/0",
        "10.0.0.0/32", "::1/128"}},
      {Primitive::Url, {"http://a/", "*", "mplane-https://b:1/c"}},
  };
  return all;
}

Column filled(const Sample& sample) {
  Column column(sample.primitive);
  for (const std::string& text : sample.texts) column.push_text(text);
  return column;
}

std::string text_of(const Column& column, const std::size_t row) {
  std::string text;
  column.append_text(text, row);
  return text;
}

}  // namespace

TEST_CASE("a column gives back what was put into it as text", "[column]") {
  for (const Sample& sample : samples()) {
    CAPTURE(to_string(sample.primitive));
    const Column column = filled(sample);
    REQUIRE(column.size() == sample.texts.size());
    CHECK(column.primitive() == sample.primitive);
    for (std::size_t row = 0; row < column.size(); ++row) {
      CHECK(text_of(column, row) == sample.texts[row]);
      CHECK(column.has_value(row) == (sample.texts[row] != "*"));
      CHECK(column.value(row) == Value::parse(sample.primitive, sample.texts[row]));
    }
  }
}

TEST_CASE("a column of values equals the column of their texts", "[column]") {
  for (const Sample& sample : samples()) {
    CAPTURE(to_string(sample.primitive));
    Column values(sample.primitive);
    values.reserve(sample.texts.size());
    for (const std::string& text : sample.texts) values.push(Value::parse(sample.primitive, text));
    CHECK(values == filled(sample));
    values.shrink();
    CHECK(values == filled(sample));
    values.push_no_value();
    CHECK(values != filled(sample));
  }
}

TEST_CASE("no value is not the value that stands in its place", "[column]") {
  for (const auto& [primitive, text] : std::vector<std::pair<Primitive, std::string>>{
           {Primitive::Natural, "0"}, {Primitive::String, ""}, {Primitive::Time, "past"}}) {
    Column value(primitive);
    value.push_text(text);
    Column none(primitive);
    none.push_no_value();
    CHECK(value != none);
  }
}

TEST_CASE("cells without a value are told apart in long columns", "[column]") {
  Column column(Primitive::Natural);
  for (unsigned row = 0; row < 1000; ++row) {
    if (row % 7 == 3) {
      column.push_no_value();
    } else {
      column.push(Value(row));
    }
  }
  for (unsigned row = 0; row < 1000; ++row) {
    REQUIRE(column.value(row) == (row % 7 == 3 ? Value() : Value(row)));
  }
}

TEST_CASE("values of another primitive become the column's or are refused", "[column]") {
  Column reals(Primitive::Real);
  reals.push(Value(3));
  reals.push(Value("2.5"));
  CHECK(reals.value(0) == Value(3.0));
  CHECK(reals.value(1) == Value(2.5));
  CHECK(error_of([&] { reals.push(Value(true)); }).kind() == ErrorKind::Invalid);
  CHECK(error_of([&] { reals.push(Value("x")); }).kind() == ErrorKind::Malformed);
  CHECK(error_of([&] { reals.push_text("nan"); }).kind() == ErrorKind::Malformed);
  CHECK(reals.size() == 2);
}

TEST_CASE("a column of texts takes UTF-8 only", "[column]") {
  Column strings(Primitive::String);
  CHECK(error_of([&] { strings.push_text("\xff"); }).kind() == ErrorKind::Malformed);
  CHECK(strings.size() == 0);
}
