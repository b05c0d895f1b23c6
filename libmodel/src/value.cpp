#include "mplane/model/value.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "number_text.hpp"
#include "utf8.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace mplane {
namespace {

constexpr std::string_view kNoValueText = "*";

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

[[noreturn]] void refuse(const std::string& value, const std::string_view what) {
  throw Error(ErrorKind::Malformed, {}, value + " is not " + std::string(what));
}

std::string parse_string(const std::string_view text) {
  if (!detail::is_utf8(text)) refuse(quoted(text), "a string: it is not UTF-8");
  return std::string(text);
}

bool parse_boolean(const std::string_view text) {
  if (text == "True" || text == "true" || text == "1") return true;
  if (text == "False" || text == "false" || text == "0") return false;
  refuse(quoted(text), "a boolean: they are True and False");
}

// The natural that a native number means, as its text would.
std::uint64_t natural_of(const double real) {
  constexpr double kEnd = 18446744073709551616.0;
  const bool fits = real >= 0 && real < kEnd && std::floor(real) == real;
  if (fits) return static_cast<std::uint64_t>(real);
  std::string text;
  detail::append_real(text, real);
  if (real < 0) refuse(text, "a natural: it is negative");
  refuse(text,
         real < kEnd ? "a natural: it is not whole" : "a natural: it is over 18446744073709551615");
}

[[noreturn]] void refuse_as(const Value& value, const Primitive primitive) {
  const std::string_view article = primitive == Primitive::Address ? " is not an " : " is not a ";
  throw Error(ErrorKind::Invalid, {},
              to_string(value) + std::string(article) + std::string(to_string(primitive)) +
                  ", but a " + std::string(to_string(*value.primitive())));
}

}  // namespace

std::uint64_t Value::natural_of(const std::int64_t integer) {
  if (integer >= 0) return static_cast<std::uint64_t>(integer);
  throw Error(ErrorKind::Invalid, {},
              std::to_string(integer) + " is not a natural: it is negative");
}

double Value::finite(const double real) {
  if (std::isfinite(real)) return real;
  throw Error(ErrorKind::Invalid, {}, "a real number has to be finite");
}

Value Value::parse(const Primitive primitive, const std::string_view text) {
  if (text == kNoValueText) return {};
  switch (primitive) {
    case Primitive::Natural:
      return detail::parse_natural(text);
    case Primitive::Real:
      return detail::parse_real(text);
    case Primitive::Boolean:
      return parse_boolean(text);
    case Primitive::Time:
      return Time::parse(text);
    case Primitive::Address:
      return Address::parse(text);
    case Primitive::Url:
      return Uri::parse(text);
    case Primitive::String:
      break;
  }
  return parse_string(text);
}

std::optional<Primitive> Value::primitive() const noexcept {
  // In the order of Alternatives, behind NoValue.
  constexpr std::array<Primitive, 7> kPrimitives = {
      Primitive::String, Primitive::Natural, Primitive::Real, Primitive::Boolean,
      Primitive::Time,   Primitive::Address, Primitive::Url};
  static_assert(kPrimitives.size() + 1 == std::variant_size_v<Alternatives>);
  if (!has_value()) return std::nullopt;
  return kPrimitives[value_.index() - 1];
}

Value Value::as(const Primitive wanted) const {
  const std::optional<Primitive> own = primitive();
  if (!own || *own == wanted) return *this;
  if (const auto* text = std::get_if<std::string>(&value_)) return parse(wanted, *text);
  if (const auto* natural = std::get_if<std::uint64_t>(&value_); natural != nullptr) {
    if (wanted == Primitive::Real) return static_cast<double>(*natural);
  }
  if (const auto* real = std::get_if<double>(&value_); real != nullptr) {
    if (wanted == Primitive::Natural) return mplane::natural_of(*real);
  }
  refuse_as(*this, wanted);
}

namespace {

[[noreturn]] void refuse_get(const Value& value, const std::string_view wanted) {
  const std::optional<Primitive> own = value.primitive();
  const std::string there =
      own ? "a value of primitive " + std::string(to_string(*own)) : std::string("no value");
  throw Error(ErrorKind::Mismatch, {}, there + " was asked for as " + std::string(wanted));
}

template <typename T>
const T& alternative(const Value& value, const std::string_view wanted) {
  if (const T* found = std::get_if<T>(&value.alternatives())) return *found;
  refuse_get(value, wanted);
}

}  // namespace

template <>
std::string Value::get<std::string>() const {
  return alternative<std::string>(*this, "a string");
}

template <>
std::uint64_t Value::get<std::uint64_t>() const {
  return alternative<std::uint64_t>(*this, "a natural");
}

template <>
double Value::get<double>() const {
  return alternative<double>(*this, "a real");
}

template <>
bool Value::get<bool>() const {
  return alternative<bool>(*this, "a boolean");
}

template <>
Time Value::get<Time>() const {
  return alternative<Time>(*this, "a time");
}

template <>
Instant Value::get<Instant>() const {
  const Time time = get<Time>();
  if (time.is_definite()) return time.instant();
  throw Error(ErrorKind::Mismatch, {}, to_string(time) + " was asked for as an instant");
}

template <>
Address Value::get<Address>() const {
  return alternative<Address>(*this, "an address");
}

template <>
Ip4 Value::get<Ip4>() const {
  const auto& address = alternative<Address>(*this, "an IPv4 address");
  if (address.is_ip4() && !address.is_network()) return address.ip4();
  throw Error(ErrorKind::Mismatch, {}, to_string(address) + " was asked for as an IPv4 host");
}

template <>
Ip6 Value::get<Ip6>() const {
  const auto& address = alternative<Address>(*this, "an IPv6 address");
  if (address.is_ip6() && !address.is_network()) return address.ip6();
  throw Error(ErrorKind::Mismatch, {}, to_string(address) + " was asked for as an IPv6 host");
}

template <>
Uri Value::get<Uri>() const {
  return alternative<Uri>(*this, "a URL");
}

std::string to_string(const Value& value) {
  std::string text;
  append(text, value);
  return text;
}

void append(std::string& out, const Value& value) {
  std::visit(Overloaded{
                 [&out](NoValue) { out += kNoValueText; },
                 [&out](const std::string& text) { out += text; },
                 [&out](const std::uint64_t natural) { detail::append_natural(out, natural); },
                 [&out](const double real) { detail::append_real(out, real); },
                 [&out](const bool boolean) { out += boolean ? "True" : "False"; },
                 [&out](const Uri& url) { out += url.text(); },
                 [&out](const auto& other) { append(out, other); },
             },
             value.alternatives());
}

namespace {

using Order = std::optional<std::strong_ordering>;

Order order_of(const double a, const double b) noexcept {
  if (a < b) return std::strong_ordering::less;
  return b < a ? std::strong_ordering::greater : std::strong_ordering::equal;
}

Order order_of(const Time a, const Time b) noexcept {
  if (a.is_now() || b.is_now()) return std::nullopt;
  return a <=> b;
}

Order order_of(const Address& a, const Address& b) noexcept {
  if (a.is_ip4() != b.is_ip4() || a.is_network() || b.is_network()) return std::nullopt;
  return a <=> b;
}

Order order_of(const std::string& a, const std::string& b) noexcept { return a.compare(b) <=> 0; }

Order order_of(const std::uint64_t a, const std::uint64_t b) noexcept { return a <=> b; }

Order order_of(const bool a, const bool b) noexcept { return a <=> b; }

}  // namespace

Order compare(const Value& a, const Value& b) noexcept {
  return std::visit(
      [&b](const auto& own) -> Order {
        using Own = std::decay_t<decltype(own)>;
        if constexpr (std::is_same_v<Own, NoValue> || std::is_same_v<Own, Uri>) {
          return std::nullopt;
        } else {
          const auto* const other = std::get_if<Own>(&b.alternatives());
          return other == nullptr ? Order() : order_of(own, *other);
        }
      },
      a.alternatives());
}

}  // namespace mplane
