// Values and durations: text to value and back (kinds parse, unparse, unparse_time,
// primitive_name, duration, unparse_duration).

#include "mplane/model/duration.hpp"
#include "native_value.hpp"
#include "vector_kind.hpp"

#include <stdexcept>

using mplane::Primitive;
using mplane::Value;

Json answer_primitive_parse(const Json& vector_case, const VectorFile&) {
  const Primitive primitive = primitive_named(vector_case.at("prim"));
  const Json& input = vector_case.at("input");
  const Value value = input.is_null() ? Value() : Value::parse(primitive, input.text());
  return Json::Object{{"value", native_json(value)}, {"unparsed", to_string(value)}};
}

Json answer_primitive_unparse(const Json& vector_case, const VectorFile&) {
  const Value value = native_value(vector_case.at("input"));
  return to_string(value.as(primitive_named(vector_case.at("prim"))));
}

Json answer_unparse_time(const Json& vector_case, const VectorFile&) {
  const std::string& name = vector_case.at("precision").text();
  const std::string_view names = "usmd";
  const std::size_t index = names.find(name.substr(0, 1));
  if (index == std::string_view::npos) throw std::runtime_error("no precision " + name);
  const auto time = native_value(vector_case.at("input")).get<mplane::Time>();
  return to_string(time, static_cast<mplane::Precision>(index));
}

Json answer_primitive_name(const Json& vector_case, const VectorFile&) {
  return mplane::find_primitive(vector_case.at("input").text()).has_value();
}

Json answer_duration(const Json& vector_case, const VectorFile&) {
  const auto duration = mplane::parse_duration(vector_case.at("input").text());
  const bool has_end = duration != mplane::kWithoutEnd;
  const auto seconds = std::chrono::duration<double>(duration).count();
  return Json::Object{{"seconds", has_end ? Json(seconds) : Json("inf")},
                      {"str", mplane::to_string(duration)}};
}

Json answer_unparse_duration(const Json& vector_case, const VectorFile&) {
  const std::chrono::duration<double> seconds(vector_case.at("input_seconds").number());
  return mplane::to_string(std::chrono::duration_cast<mplane::Duration>(seconds));
}
