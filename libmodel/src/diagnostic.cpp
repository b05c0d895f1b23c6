// Messages in a line each, as logs and people see them.
//
// With the numbers of parameters, metadata and results:
//     <capability: measure (ping) when now token d7e9df75 schema 5ce99352 p/m/r 2/0/5>
// With the number of values in parentheses:
//     <specification: measure (ping) when now token 1f02f7a6 schema 5ce99352 p(v)/m/r 2(1)/0/5>
// With the number of rows in parentheses:
//     <result: measure (ping) when now token 1f02f7a6 schema 5ce99352 p/m/r(r) 2/0/5(1)>
// Of what has a token alone:
//     <receipt: (ping) e00d7fe813cf17eeeea37b313dcfa4e7>

#include "mplane/model/detail/json_writer.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/statement.hpp"
#include "statement_data.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mplane {
namespace {

using detail::Kind;

constexpr std::size_t kShort = 8;

// A peer's text, with whatever could break the line escaped.
void append_plain(std::string& out, const std::string_view text) {
  detail::append_escaped(out, text);
}

void append_label(std::string& out, const std::string& label) {
  if (label.empty()) return;
  out += " (";
  append_plain(out, label);
  out += ')';
}

std::size_t count_values(const Statement& statement) {
  std::size_t values = 0;
  for (std::size_t i = 0; i < statement.schema().parameters().size(); ++i) {
    if (statement.value(i).has_value()) ++values;
  }
  return values;
}

std::string in_parentheses(const std::size_t count) { return "(" + std::to_string(count) + ")"; }

// "p(v)/m/r 2(1)/0/5": parameters, metadata, results.
void append_counts(std::string& out, const Statement& statement, const Rows* const rows) {
  const bool has_values = statement.data().kind == Kind::Specification;
  out += has_values ? " p(v)/m/r" : " p/m/r";
  if (rows != nullptr) out += "(r)";
  out += " " + std::to_string(statement.schema().parameters().size());
  if (has_values) out += in_parentheses(count_values(statement));
  out += "/" + std::to_string(statement.metadata().size());
  out += "/" + std::to_string(statement.schema().columns().size());
  if (rows != nullptr) out += in_parentheses(rows->size());
}

std::string of_notification(const Statement& statement, const std::string_view kind) {
  std::string line = "<" + std::string(kind) + ":";
  append_label(line, statement.label());
  line += ' ';
  append_plain(line, statement.token());
  return line += '>';
}

std::string of_statement(const Statement& statement, const std::string_view kind,
                         const Rows* const rows) {
  std::string line = "<" + std::string(kind) + ": ";
  append_plain(line, statement.verb());
  append_label(line, statement.label());
  line += " when ";
  append(line, statement.when());
  line += " token ";
  append_plain(line, statement.token().substr(0, kShort));
  line += " schema " + statement.schema().hash().substr(0, kShort);
  append_counts(line, statement, rows);
  return line += '>';
}

std::string of_exception(const Exception& exception) {
  std::string line = "<exception: ";
  append_plain(line, exception.token().value_or("no token"));
  line += ' ';
  append_plain(line, exception.message());
  return line += '>';
}

std::string of_envelope(const Envelope& envelope) {
  std::string lines = "<envelope: ";
  append_plain(lines, envelope.content_type);
  lines += " (" + std::to_string(envelope.size()) + ")";
  append_label(lines, envelope.label.value_or(""));
  if (envelope.token) {
    lines += " token ";
    append_plain(lines, *envelope.token);
  }
  if (!envelope.empty()) lines += ':';
  for (const Message& message : envelope.messages()) lines += "\n " + diagnostic(message);
  return lines += '>';
}

}  // namespace

std::string diagnostic(const Statement& statement, const std::string_view kind) {
  const Kind own = statement.data().kind;
  const bool is_notification =
      own != Kind::Capability && own != Kind::Specification && own != Kind::Result;
  return is_notification ? of_notification(statement, kind)
                         : of_statement(statement, kind, nullptr);
}

std::string diagnostic(const Message& message) {
  if (const auto* exception = message.find<Exception>()) return of_exception(*exception);
  if (const auto* envelope = message.find<Envelope>()) return of_envelope(*envelope);
  if (const auto* result = message.find<Result>()) {
    const Rows rows = result->rows();
    return of_statement(*result, message.kind(), &rows);
  }
  return diagnostic(*message.statement(), message.kind());
}

}  // namespace mplane
