// The texts that tokens and hashes are made of (protocol, section 6), and nothing else.

#include "md5.hpp"
#include "mplane/model/statement.hpp"
#include "schema_text.hpp"
#include "statement_data.hpp"

#include <string>
#include <vector>

namespace mplane {
namespace {

using detail::Placed;

constexpr std::size_t kTypicalLength = 512;

std::string opening(const Statement& statement, const std::vector<Placed>& parameters) {
  std::string text;
  text.reserve(kTypicalLength);
  text += statement.registry().uri();
  text += statement.verb();
  text += " w ";
  append(text, statement.when());
  text += " pk ";
  detail::append_names(text, parameters);
  return text;
}

void append_values(std::string& text, const Statement& statement,
                   const std::vector<Placed>& parameters) {
  text += " pv ";
  detail::append_joined(text, parameters, [&](std::string& to, const Placed& placed) {
    append(to, statement.value(placed.place));
  });
}

void append_columns(std::string& text, const Statement& statement) {
  text += " r ";
  detail::append_names(text, detail::by_name(statement.schema().columns()));
}

void append_metadata(std::string& text, const Metadata& metadata) {
  text += " mk ";
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    if (i > 0) text += ' ';
    text += metadata[i].first;
  }
  text += " mv ";
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    if (i > 0) text += ' ';
    append(text, metadata[i].second);
  }
}

std::string value_text(const Statement& statement) {
  const auto parameters = detail::by_name(statement.schema().parameters());
  std::string text = opening(statement, parameters);
  append_values(text, statement, parameters);
  append_columns(text, statement);
  return text;
}

std::string statement_text(const Statement& statement) {
  const auto parameters = detail::by_name(statement.schema().parameters());
  std::string text = opening(statement, parameters);
  text += " pc ";
  detail::append_joined(text, parameters, [&](std::string& to, const Placed& placed) {
    to += to_string(statement.constraint(placed.place));
  });
  append_values(text, statement, parameters);
  append_metadata(text, statement.metadata());
  append_columns(text, statement);
  text += " ex ";
  text += statement.export_url() ? *statement.export_url() : "None";
  return text;
}

}  // namespace

bool Statement::has_token() const noexcept { return data_->token.has_value(); }

std::string Statement::token() const {
  if (data_->token) return *data_->token;
  return data_->kind == detail::Kind::Specification ? value_hash() : statement_hash();
}

std::string Statement::statement_hash() const { return detail::md5_hex(statement_text(*this)); }
std::string Statement::value_hash() const { return detail::md5_hex(value_text(*this)); }

}  // namespace mplane
