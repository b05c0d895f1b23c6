// Messages as JSON (protocol, section 5). Keys come in the order of that section's table: the kind
// first, so that a reader can tell what follows, and results before their values. Parameters and
// columns are in the order of their schema.

#include "mplane/model/detail/json_writer.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "statement_data.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mplane {
namespace {

using detail::JsonWriter;
using detail::Kind;

// Whether texts of a primitive can hold what JSON has to escape.
constexpr bool needs_escaping(const Primitive primitive) noexcept {
  return primitive == Primitive::String || primitive == Primitive::Url;
}

void write_value(JsonWriter& json, const Primitive primitive, const Value& value) {
  if (needs_escaping(primitive)) {
    json.text(to_string(value));
    return;
  }
  std::string& out = json.value();
  out += '"';
  append(out, value);
  out += '"';
}

void write_optional(JsonWriter& json, const std::string_view key,
                    const std::optional<std::string>& text) {
  if (!text) return;
  json.key(key);
  json.text(*text);
}

void write_when(JsonWriter& json, const When& when) {
  json.key("when");
  std::string& out = json.value();
  out += '"';
  append(out, when);
  out += '"';
}

void write_parameters(JsonWriter& json, const Statement& statement) {
  const auto parameters = statement.schema().parameters();
  if (parameters.empty()) return;
  const bool is_offer = detail::is_offer(statement.data().kind);
  json.key("parameters");
  json.begin_object();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    json.key(parameters[i]->name());
    if (is_offer) {
      json.text(to_string(statement.constraint(i)));
    } else {
      write_value(json, parameters[i]->primitive(), statement.value(i));
    }
  }
  json.end_object();
}

void write_metadata(JsonWriter& json, const Metadata& metadata) {
  if (metadata.empty()) return;
  json.key("metadata");
  json.begin_object();
  for (const auto& [name, value] : metadata) {
    json.key(name);
    json.text(to_string(value));
  }
  json.end_object();
}

void write_columns(JsonWriter& json, const Schema& schema) {
  if (schema.columns().empty()) return;
  json.key("results");
  json.begin_array();
  for (const Element* column : schema.columns()) json.text(column->name());
  json.end_array();
}

void append_cell(std::string& out, const Column& column, const std::size_t row) {
  out += '"';
  if (column.is_text() && column.has_value(row)) {
    detail::append_escaped(out, column.text(row));
  } else {
    column.append_text(out, row);
  }
  out += '"';
}

// A row stays on one line, also in pretty JSON: it is read across.
void write_rows(JsonWriter& json, const Result& result, const std::string_view separator) {
  if (result.row_count() == 0) return;
  json.key("resultvalues");
  json.begin_array();
  for (std::size_t row = 0; row < result.row_count(); ++row) {
    std::string& out = json.value();
    std::string_view before = "[";
    for (const Column& column : result.columns()) {
      out += before;
      append_cell(out, column, row);
      before = separator;
    }
    out += ']';
  }
  json.end_array();
}

// What is fit to be read may yet be unfit to be sent.
void require_values(const Statement& statement) {
  const auto parameters = statement.schema().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (statement.value(i).has_value()) continue;
    throw Error(ErrorKind::Invalid, detail::pointer("parameters", parameters[i]->name()),
                "has no value");
  }
}

void require_complete(const Statement& statement) {
  const Kind kind = statement.data().kind;
  if (kind == Kind::Result) {
    if (statement.when().is_definite()) return;
    throw Error(ErrorKind::Invalid, "when",
                quoted(to_string(statement.when())) + ": a result needs a definite scope");
  }
  if (!detail::is_offer(kind)) require_values(statement);
}

constexpr bool may_be_brief(const Kind kind) noexcept {
  return kind == Kind::Receipt || kind == Kind::Redemption || kind == Kind::Interrupt ||
         kind == Kind::Withdrawal;
}

class Encoder {
 public:
  Encoder(std::string& out, const EncodeOptions& options)
      : json_(out, options.pretty), options_(options) {}

  void write(const Message& message) {
    if (const auto* exception = message.find<Exception>()) {
      write(*exception);
    } else if (const auto* envelope = message.find<Envelope>()) {
      write(*envelope);
    } else {
      write(*message.statement(), message.find<Result>());
    }
  }

 private:
  void open(const Kind kind, const std::string_view verb) {
    json_.begin_object();
    json_.key(name(kind));
    json_.text(verb);
    json_.key("version");
    json_.literal("1");
  }

  void write(const Statement& statement, const Result* const result) {
    const detail::StatementData& data = statement.data();
    const bool is_brief = data.token_only || (options_.token_only && may_be_brief(data.kind));
    if (!is_brief) require_complete(statement);
    open(data.kind, data.verb);
    json_.key("registry");
    json_.text(statement.registry().uri());
    if (data.has_label) write_optional(json_, "label", data.label);
    if (!is_brief) write_sections(statement, result);
    write_optional(json_, "link", data.link);
    write_optional(json_, "token", is_brief ? statement.token() : data.token);
    json_.end_object();
  }

  void write_sections(const Statement& statement, const Result* const result) {
    write_when(json_, statement.when());
    write_parameters(json_, statement);
    write_metadata(json_, statement.metadata());
    write_columns(json_, statement.schema());
    if (result != nullptr) write_rows(json_, *result, options_.pretty ? ", " : ",");
    write_optional(json_, "export", statement.export_url());
  }

  void write(const Exception& exception) {
    json_.begin_object();
    json_.key("exception");
    if (exception.token()) {
      json_.text(*exception.token());
    } else {
      json_.literal("null");
    }
    json_.key("message");
    json_.text(exception.message());
    json_.end_object();
  }

  void write(const Envelope& envelope) {
    open(Kind::Envelope, envelope.content_type);
    write_optional(json_, "label", envelope.label);
    if (envelope.when) write_when(json_, *envelope.when);
    json_.key("contents");
    json_.begin_array();
    for (const Message& message : envelope.messages()) write(message);
    json_.end_array();
    write_optional(json_, "token", envelope.token);
    json_.end_object();
  }

  JsonWriter json_;
  EncodeOptions options_;
};

// About how many bytes a message takes.
std::size_t typical_size(const Message& message) {
  constexpr std::size_t kStatement = 600;
  constexpr std::size_t kCell = 16;
  if (const auto* envelope = message.find<Envelope>()) return envelope->size() * kStatement;
  const auto* result = message.find<Result>();
  if (result == nullptr) return kStatement;
  return kStatement + result->row_count() * result->columns().size() * kCell;
}

}  // namespace

std::string encode(const Message& message, const EncodeOptions& options) {
  std::string out;
  out.reserve(typical_size(message));
  Encoder(out, options).write(message);
  return out;
}

}  // namespace mplane
