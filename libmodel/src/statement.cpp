#include "mplane/model/statement.hpp"

#include "mplane/model/detail/shortened.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "statement_data.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mplane {
namespace detail {

std::string pointer(const std::string_view section, const std::string_view name) {
  constexpr std::size_t kLongest = 100;
  std::string path(section);
  path += '/';
  for (const char c : shortened(name, kLongest)) {  // RFC 6901, section 3
    if (c == '~') {
      path += "~0";
    } else if (c == '/') {
      path += "~1";
    } else {
      path += c;
    }
  }
  return path;
}

Value value_for(const std::string_view section, const Element& element, const Value& value) {
  try {
    return value.as(element.primitive());
  } catch (const Error& error) {
    throw error.within(pointer(section, element.name()));
  }
}

void set_metadata(StatementData& data, const std::string& name, const Value& value) {
  const Element* element = nullptr;
  try {
    element = &data.schema.registry().element(name);
  } catch (const Error& error) {
    throw Error(error.kind(), pointer("metadata", name), error.message());
  }
  Value fitting = value_for("metadata", *element, value);
  const auto place = std::lower_bound(
      data.metadata.begin(), data.metadata.end(), name,
      [](const auto& entry, const std::string& other) { return entry.first < other; });
  if (place != data.metadata.end() && place->first == name) {
    place->second = std::move(fitting);
  } else {
    data.metadata.insert(place, {name, std::move(fitting)});
  }
}

}  // namespace detail

namespace {

using detail::StatementData;

const Value& value_at(const StatementData& data, const std::size_t parameter) noexcept {
  return data.values.empty() ? data.no_value : data.values[parameter];
}

const Constraint& constraint_at(const StatementData& data, const std::size_t parameter) noexcept {
  return data.constraints.empty() ? data.any : data.constraints[parameter];
}

// Whether the parameters of two statements of equal schemas are equal, in whatever order.
bool same_parameters(const Statement& a, const Statement& b) noexcept {
  const auto names = a.schema().parameters();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto other = b.schema().find_parameter(names[i]->name());
    if (!other || a.value(i) != b.value(*other) || a.constraint(i) != b.constraint(*other)) {
      return false;
    }
  }
  return true;
}

bool same_token(const StatementData& a, const StatementData& b) noexcept {
  return !a.token || !b.token || *a.token == *b.token;
}

}  // namespace

Statement::Statement(std::shared_ptr<const StatementData> data) noexcept : data_(std::move(data)) {}

const std::string& Statement::verb() const noexcept { return data_->verb; }

const std::string& Statement::label() const noexcept { return data_->label; }
const When& Statement::when() const noexcept { return data_->when; }
const Schema& Statement::schema() const noexcept { return data_->schema; }
const Metadata& Statement::metadata() const noexcept { return data_->metadata; }

const Value* Statement::find_metadata(const std::string_view name) const noexcept {
  for (const auto& [element, value] : data_->metadata) {
    if (element == name) return &value;
  }
  return nullptr;
}

const std::optional<std::string>& Statement::link() const noexcept { return data_->link; }
const std::optional<std::string>& Statement::export_url() const noexcept {
  return data_->export_url;
}

const Constraint& Statement::constraint(const std::size_t parameter) const noexcept {
  return constraint_at(*data_, parameter);
}

const Constraint& Statement::constraint(const std::string_view parameter) const {
  return constraint_at(*data_, schema().parameter(parameter));
}

const Value& Statement::value(const std::size_t parameter) const noexcept {
  return value_at(*data_, parameter);
}

const Value& Statement::value(const std::string_view parameter) const {
  return value_at(*data_, schema().parameter(parameter));
}

template <typename T>
T Statement::get(const std::string_view parameter) const {
  const Value& chosen = value(parameter);
  try {
    return chosen.get<T>();
  } catch (const Error& error) {
    throw error.within(detail::pointer("parameters", parameter));
  }
}

template std::string Statement::get<std::string>(std::string_view) const;
template std::uint64_t Statement::get<std::uint64_t>(std::string_view) const;
template double Statement::get<double>(std::string_view) const;
template bool Statement::get<bool>(std::string_view) const;
template Time Statement::get<Time>(std::string_view) const;
template Instant Statement::get<Instant>(std::string_view) const;
template Address Statement::get<Address>(std::string_view) const;
template Ip4 Statement::get<Ip4>(std::string_view) const;
template Ip6 Statement::get<Ip6>(std::string_view) const;
template Uri Statement::get<Uri>(std::string_view) const;

bool operator==(const Statement& a, const Statement& b) noexcept {
  if (a.data_ == b.data_) return true;
  const StatementData& x = *a.data_;
  const StatementData& y = *b.data_;
  return x.kind == y.kind && x.token_only == y.token_only && x.verb == y.verb &&
         x.has_label == y.has_label && x.label == y.label && x.link == y.link &&
         x.export_url == y.export_url && same_token(x, y) && x.when == y.when &&
         x.schema == y.schema && x.metadata == y.metadata && same_parameters(a, b);
}

}  // namespace mplane
