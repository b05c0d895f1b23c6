#include "mplane/model/column.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "number_text.hpp"
#include "packed_address.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace mplane {
namespace {

constexpr std::size_t kBits = 64;

template <typename... Visitors>
struct Cases : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Cases(Visitors...) -> Cases<Visitors...>;

bool boolean_of(const std::string_view text) {
  return Value::parse(Primitive::Boolean, text).get<bool>();
}

}  // namespace

Column::Column(const Primitive primitive) : primitive_(primitive) {
  switch (primitive) {
    case Primitive::String:
    case Primitive::Url:
      storage_ = Texts();
      break;
    case Primitive::Natural:
      storage_ = std::vector<std::uint64_t>();
      break;
    case Primitive::Real:
      storage_ = std::vector<double>();
      break;
    case Primitive::Boolean:
      storage_ = std::vector<std::uint8_t>();
      break;
    case Primitive::Time:
      storage_ = std::vector<Time>();
      break;
    case Primitive::Address:
      storage_ = Addresses();
      break;
  }
}

bool Column::has_value(const std::size_t row) const noexcept {
  const std::size_t word = row / kBits;
  return word >= missing_.size() || ((missing_[word] >> (row % kBits)) & 1U) == 0;
}

std::string_view Column::text(const std::size_t row) const noexcept {
  const auto& texts = *std::get_if<Texts>(&storage_);
  const std::size_t begin = row == 0 ? 0 : texts.ends[row - 1];
  return {texts.bytes.data() + begin, texts.ends[row] - begin};
}

Value Column::value(const std::size_t row) const {
  if (!has_value(row)) return {};
  return std::visit(
      Cases{
          [&](const Texts&) -> Value {
            return primitive_ == Primitive::Url ? Value(Uri::parse(text(row))) : Value(text(row));
          },
          [&](const std::vector<std::uint8_t>& booleans) -> Value { return booleans[row] != 0; },
          [&](const Addresses& addresses) -> Value {
            return detail::unpacked(addresses.bytes, addresses.wide, row);
          },
          [&](const auto& values) -> Value { return values[row]; },
      },
      storage_);
}

void Column::append_text(std::string& out, const std::size_t row) const {
  if (!has_value(row)) {
    out += '*';
    return;
  }
  std::visit(Cases{
                 [&](const Texts&) { out += text(row); },
                 [&](const std::vector<std::uint64_t>& naturals) {
                   detail::append_natural(out, naturals[row]);
                 },
                 [&](const std::vector<double>& reals) { detail::append_real(out, reals[row]); },
                 [&](const std::vector<std::uint8_t>& booleans) {
                   out += booleans[row] != 0 ? "True" : "False";
                 },
                 [&](const std::vector<Time>& times) { append(out, times[row]); },
                 [&](const Addresses& addresses) {
                   append(out, detail::unpacked(addresses.bytes, addresses.wide, row));
                 },
             },
             storage_);
}

void Column::reserve(const std::size_t rows) {
  std::visit(Cases{
                 [&](Texts& texts) { texts.ends.reserve(rows); },
                 [&](Addresses& addresses) {
                   addresses.bytes.reserve(rows * detail::packed_size(addresses.wide));
                 },
                 [&](auto& values) { values.reserve(rows); },
             },
             storage_);
}

void Column::shrink() {
  std::visit(Cases{
                 [](Texts& texts) {
                   texts.bytes.shrink_to_fit();
                   texts.ends.shrink_to_fit();
                 },
                 [](Addresses& addresses) { addresses.bytes.shrink_to_fit(); },
                 [](auto& values) { values.shrink_to_fit(); },
             },
             storage_);
  missing_.shrink_to_fit();
}

void Column::push_bytes(const std::string_view bytes) {
  auto& texts = std::get<Texts>(storage_);
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max() - texts.bytes.size()) {
    throw Error(ErrorKind::TooLarge, {}, "a column holds four gigabytes of text at most");
  }
  texts.bytes.insert(texts.bytes.end(), bytes.begin(), bytes.end());
  texts.ends.push_back(static_cast<std::uint32_t>(texts.bytes.size()));
  ++size_;
}

void Column::push_address(const Address& address) {
  auto& addresses = std::get<Addresses>(storage_);
  if (address.is_ip6() && !addresses.wide) {
    addresses.bytes = detail::widened(addresses.bytes);
    addresses.wide = true;
  }
  detail::pack(addresses.bytes, addresses.wide, address);
  ++size_;
}

template <typename T>
void Column::push_scalar(const T value) {
  std::get<std::vector<T>>(storage_).push_back(value);
  ++size_;
}

void Column::push(const Value& value) {
  const Value fitting = value.as(primitive_);
  std::visit(Cases{
                 [&](NoValue) { push_no_value(); },
                 [&](const std::string& text) { push_bytes(text); },
                 [&](const Uri& url) { push_bytes(url.text()); },
                 [&](const bool boolean) { push_scalar(static_cast<std::uint8_t>(boolean)); },
                 [&](const Address& address) { push_address(address); },
                 [&](const auto scalar) { push_scalar(scalar); },
             },
             fitting.alternatives());
}

void Column::push_text(const std::string_view text) {
  if (text == "*") return push_no_value();
  switch (primitive_) {
    case Primitive::Natural:
      return push_scalar(detail::parse_natural(text));
    case Primitive::Real:
      return push_scalar(detail::parse_real(text));
    case Primitive::Boolean:
      return push_scalar(static_cast<std::uint8_t>(boolean_of(text)));
    case Primitive::Time:
      return push_scalar(Time::parse(text));
    case Primitive::Address:
      return push_address(Address::parse(text));
    case Primitive::Url:
      return push_bytes(Uri::parse(text).text());
    case Primitive::String:
      break;
  }
  if (!detail::is_utf8(text)) {
    throw Error(ErrorKind::Malformed, {}, quoted(text) + " is not a string: it is not UTF-8");
  }
  push_bytes(text);
}

void Column::push_no_value() {
  const std::size_t row = size_;
  switch (primitive_) {
    case Primitive::String:
    case Primitive::Url:
      push_bytes({});
      break;
    case Primitive::Natural:
      push_scalar(std::uint64_t{0});
      break;
    case Primitive::Real:
      push_scalar(0.0);
      break;
    case Primitive::Boolean:
      push_scalar(std::uint8_t{0});
      break;
    case Primitive::Time:
      push_scalar(Time::past());
      break;
    case Primitive::Address:
      push_address(Ip4());
      break;
  }
  missing_.resize(std::max(missing_.size(), row / kBits + 1));
  missing_[row / kBits] |= std::uint64_t{1} << (row % kBits);
}

bool operator==(const Column& a, const Column& b) noexcept {
  return a.primitive_ == b.primitive_ && a.size_ == b.size_ && a.missing_ == b.missing_ &&
         a.storage_ == b.storage_;
}

}  // namespace mplane
