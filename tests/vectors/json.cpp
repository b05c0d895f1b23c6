#include "json.hpp"

#include <optional>
#include <stdexcept>

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace {

// The code unit of an escape \uXXXX at the front of a text.
std::optional<unsigned> escaped_unit(const std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  return static_cast<unsigned>(std::stoul(std::string(text.substr(2, 4)), nullptr, 16));
}

bool is_surrogate(const std::optional<unsigned> unit, const unsigned first) {
  return unit && *unit >= first && *unit < first + 0x400;
}

std::string encoded(const unsigned unit) {
  return {static_cast<char>(0xE0 | (unit >> 12U)), static_cast<char>(0x80 | (unit >> 6U & 0x3FU)),
          static_cast<char>(0x80 | (unit & 0x3FU))};
}

// RapidJSON refuses half a surrogate pair, which Python writes: here it becomes bytes.
std::string without_half_pairs(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto unit = escaped_unit(text);
    std::size_t length = text[0] == '\\' ? 2 : 1;
    if (is_surrogate(unit, 0xD800) && is_surrogate(escaped_unit(text.substr(6)), 0xDC00)) {
      length = 12;
    } else if (is_surrogate(unit, 0xD800) || is_surrogate(unit, 0xDC00)) {
      result += encoded(*unit);
      text.remove_prefix(6);
      continue;
    }
    result += text.substr(0, length);
    text.remove_prefix(std::min(length, text.size()));
  }
  return result;
}

Json make_json(const rapidjson::Value& value) {
  if (value.IsBool()) return value.GetBool();
  if (value.IsUint64()) return value.GetUint64();
  if (value.IsInt64()) return value.GetInt64();
  if (value.IsNumber()) return value.GetDouble();
  if (value.IsString()) return std::string(value.GetString(), value.GetStringLength());
  if (value.IsArray()) {
    Json::Array array;
    for (const auto& item : value.GetArray()) array.push_back(make_json(item));
    return array;
  }
  if (!value.IsObject()) return nullptr;
  Json::Object object;
  for (const auto& member : value.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    object[name] = make_json(member.value);
  }
  return object;
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(Writer& writer, const Json& json);

struct WriteValue {
  Writer& writer;
  void operator()(std::monostate) const { writer.Null(); }
  void operator()(const bool value) const { writer.Bool(value); }
  void operator()(const std::int64_t value) const { writer.Int64(value); }
  void operator()(const std::uint64_t value) const { writer.Uint64(value); }
  void operator()(const double value) const { writer.Double(value); }
  void operator()(const std::string& value) const { writer.String(value.data(), size_of(value)); }
  void operator()(const Json::Array& value) const {
    writer.StartArray();
    for (const Json& item : value) write(writer, item);
    writer.EndArray();
  }
  void operator()(const Json::Object& value) const {
    writer.StartObject();
    for (const auto& [name, item] : value) {
      writer.Key(name.data(), size_of(name));
      write(writer, item);
    }
    writer.EndObject();
  }
  static rapidjson::SizeType size_of(const std::string& text) {
    return static_cast<rapidjson::SizeType>(text.size());
  }
};

void write(Writer& writer, const Json& json) {
  std::visit(WriteValue{writer}, json.alternatives());
}

template <typename T, typename Variant>
auto& get(Variant& value, const char* const what) {
  if (auto* found = std::get_if<T>(&value)) return *found;
  throw std::runtime_error(std::string("not ") + what);
}

}  // namespace

Json Json::parse(const std::string_view text) {
  const std::string clean = without_half_pairs(text);
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag>(clean.data(), clean.size());
  if (!document.HasParseError()) return make_json(document);
  throw std::runtime_error("not JSON at byte " + std::to_string(document.GetErrorOffset()) + ": " +
                           rapidjson::GetParseError_En(document.GetParseError()));
}

bool Json::is_number() const noexcept {
  return std::holds_alternative<std::int64_t>(value_) ||
         std::holds_alternative<std::uint64_t>(value_) || std::holds_alternative<double>(value_);
}

const std::string& Json::text() const { return get<std::string>(value_, "a text"); }

double Json::number() const {
  if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
    return static_cast<double>(*integer);
  }
  if (const auto* natural = std::get_if<std::uint64_t>(&value_)) {
    return static_cast<double>(*natural);
  }
  return get<double>(value_, "a number");
}

bool Json::boolean() const { return get<bool>(value_, "a boolean"); }

const Json::Array& Json::array() const { return get<Array>(value_, "an array"); }

Json::Array& Json::array() { return get<Array>(value_, "an array"); }

const Json::Object& Json::object() const { return get<Object>(value_, "an object"); }

Json::Object& Json::object() { return get<Object>(value_, "an object"); }

const Json* Json::find(const std::string_view name) const noexcept {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &found->second;
}

Json* Json::find(const std::string_view name) noexcept {
  auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &found->second;
}

const Json& Json::at(const std::string_view name) const {
  if (const Json* found = find(name)) return *found;
  throw std::runtime_error("no member \"" + std::string(name) + "\"");
}

std::string to_string(const Json& json) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  write(writer, json);
  return {buffer.GetString(), buffer.GetSize()};
}
