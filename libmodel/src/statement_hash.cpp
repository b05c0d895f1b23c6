// The texts that tokens and hashes are made of (protocol, section 6), and nothing else.

#include "mplane/model/detail/given_token.hpp"
#include "mplane/model/detail/md5.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/statement.hpp"
#include "statement_data.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace mplane {
namespace {

using Elements = std::span<const Element* const>;

/// A text of names and values that is put together to be hashed.
class HashedText {
 public:
  HashedText() {
    constexpr std::size_t kTypical = 1000;  // twice what most take: one allocation
    text_.reserve(kTypical);
  }

  void add(const std::string_view text) { text_ += text; }

  /// A constraint, value or scope as text.
  template <typename T>
  void add_text_of(const T& value) {
    append(text_, value);
  }

  /// What `add_one` adds for each, separated by single spaces.
  template <typename List, typename AddOne>
  void add_joined(const List& list, const AddOne& add_one) {
    bool is_first = true;
    for (const auto& item : list) {
      if (!is_first) text_ += ' ';
      is_first = false;
      add_one(item);
    }
  }

  std::string hash() const noexcept { return detail::md5_hex(text_); }

 private:
  std::string text_;
};

// The parameters in the order of their names, with their places in the statement.
template <typename AddOne>
void add_parameters(HashedText& text, const Schema& schema, const AddOne& add_one) {
  const Elements places = schema.parameters();
  text.add_joined(SchemaAccess::parameters_by_name(schema), [&](const Element* parameter) {
    const auto place = std::find(places.begin(), places.end(), parameter);
    add_one(static_cast<std::size_t>(place - places.begin()));
  });
}

void add_opening(HashedText& text, const Statement& statement) {
  text.add(statement.registry().uri());
  text.add(statement.verb());
  text.add(" w ");
  text.add_text_of(statement.when());
  text.add(" pk ");
  text.add(SchemaAccess::parameter_names(statement.schema()));
}

void add_constraints(HashedText& text, const Statement& statement) {
  text.add(" pc ");
  add_parameters(text, statement.schema(),
                 [&](const std::size_t place) { text.add_text_of(statement.constraint(place)); });
}

void add_values(HashedText& text, const Statement& statement) {
  text.add(" pv ");
  add_parameters(text, statement.schema(),
                 [&](const std::size_t place) { text.add_text_of(statement.value(place)); });
}

void add_metadata(HashedText& text, const Metadata& metadata) {
  text.add(" mk ");
  text.add_joined(metadata, [&](const auto& entry) { text.add(entry.first); });
  text.add(" mv ");
  text.add_joined(metadata, [&](const auto& entry) { text.add_text_of(entry.second); });
}

void add_columns(HashedText& text, const Schema& schema) {
  text.add(" r ");
  text.add(SchemaAccess::column_names(schema));
}

}  // namespace

std::string Schema::hash() const {
  HashedText text;
  text.add(registry().uri());
  text.add(" p ");
  text.add(SchemaAccess::parameter_names(*this));
  add_columns(text, *this);
  return text.hash();
}

std::string_view detail::given_token(const Statement& statement) noexcept {
  const auto& token = statement.data().token;
  return token ? std::string_view(*token) : std::string_view();
}

bool Statement::has_token() const noexcept { return data_->token.has_value(); }

std::string Statement::token() const {
  if (data_->token) return *data_->token;
  return data_->kind == detail::Kind::Specification ? value_hash() : statement_hash();
}

std::string Statement::statement_hash() const {
  HashedText text;
  add_opening(text, *this);
  add_constraints(text, *this);
  add_values(text, *this);
  add_metadata(text, metadata());
  add_columns(text, schema());
  text.add(" ex ");
  text.add(export_url() ? std::string_view(*export_url()) : "None");
  return text.hash();
}

std::string Statement::value_hash() const {
  HashedText text;
  add_opening(text, *this);
  add_values(text, *this);
  add_columns(text, schema());
  return text.hash();
}

// Unique to the time it is asked at, and, by the nonce, among those asked at one time.
Specification Specification::with_fresh_token(const Instant now, const std::uint64_t nonce) const {
  const Interval interval = when().interval(now);
  HashedText text;
  text.add(statement_hash());
  text.add(" ");
  text.add_text_of(interval.start);
  text.add(" ");
  text.add_text_of(interval.end);
  text.add(" ");
  text.add_text_of(Time(now));
  text.add(" ");
  text.add(std::to_string(nonce));
  return with_token(text.hash());
}

}  // namespace mplane
