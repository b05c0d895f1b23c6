#include "native_value.hpp"

#include "mplane/model/error.hpp"

#include <stdexcept>

using mplane::Primitive;
using mplane::Value;

namespace {

Json typed(const char* const type, Json value) {
  return Json::Object{{"type", type}, {"value", std::move(value)}};
}

Value integer(const Json& number) {
  if (const auto* natural = std::get_if<std::uint64_t>(&number.alternatives())) return *natural;
  if (const auto* negative = std::get_if<std::int64_t>(&number.alternatives())) return *negative;
  return Value(number.number()).as(Primitive::Natural);  // beyond 64 bits
}

}  // namespace

Json native_json(const Value& value) {
  if (!value.has_value()) return typed("null", nullptr);
  switch (*value.primitive()) {
    case Primitive::Natural:
      return typed("int", value.get<std::uint64_t>());
    case Primitive::Real:
      return typed("float", to_string(value));
    case Primitive::Boolean:
      return typed("bool", value.get<bool>());
    case Primitive::Time:
      return typed("time", to_string(value));
    case Primitive::Address:
      return typed(value.get<mplane::Address>().is_ip4() ? "ip4" : "ip6", to_string(value));
    case Primitive::String:
    case Primitive::Url:
      break;
  }
  return typed("str", to_string(value));
}

Value native_value(const Json& json) {
  const std::string& type = json.at("type").text();
  const Json& value = json.at("value");
  if (type == "null") return {};
  if (type == "int") return integer(value);
  if (type == "bool") return value.boolean();
  const std::string& text = value.text();
  if (type == "float") return Value::parse(Primitive::Real, text);
  if (type == "time") return Value::parse(Primitive::Time, text);
  if (type == "ip4" || type == "ip6") return Value::parse(Primitive::Address, text);
  return text;
}

Primitive primitive_named(const Json& name) {
  if (const auto primitive = mplane::find_primitive(name.text())) return *primitive;
  throw std::runtime_error("no primitive " + to_string(name));
}
