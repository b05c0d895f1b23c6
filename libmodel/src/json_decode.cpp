// From the sections of a message to the message: what is required is there, elements exist, values
// fit (protocol, sections 5 and 11).

#include "json_reader.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "statement_data.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {
namespace {

using detail::Kind;
using detail::RawMember;
using detail::RawMessage;
using detail::RawValue;
using detail::Section;
using detail::StatementData;

[[noreturn]] void refuse(const std::string_view where, const std::string_view sentence) {
  throw Error(ErrorKind::Invalid, std::string(where), std::string(sentence));
}

[[noreturn]] void refuse(const Section section, const std::string_view sentence) {
  refuse(name(section), sentence);
}

// A value as an error message shows it.
std::string shown(const RawValue& value) {
  switch (value.kind) {
    case RawValue::Kind::Absent:
      return "nothing";
    case RawValue::Kind::Null:
      return "null";
    case RawValue::Kind::False:
      return "false";
    case RawValue::Kind::True:
      return "true";
    case RawValue::Kind::Array:
      return "an array";
    case RawValue::Kind::Object:
      return "an object";
    case RawValue::Kind::Number:
    case RawValue::Kind::String:
      break;
  }
  return quoted(value.text());
}

bool is_missing(const RawValue& value) noexcept {
  return value.kind == RawValue::Kind::Absent || value.kind == RawValue::Kind::Null;
}

std::string_view required_text(const RawMessage& raw, const Section section) {
  const RawValue& value = raw[section];
  if (is_missing(value)) refuse(section, "is missing");
  if (value.kind != RawValue::Kind::String) refuse(section, shown(value) + " is no text");
  return value.text();
}

std::optional<std::string> optional_text(const RawMessage& raw, const Section section) {
  if (is_missing(raw[section])) return std::nullopt;
  return std::string(required_text(raw, section));
}

// Missing sections read as empty ones; null and everything else is refused.
bool has_list(const RawMessage& raw, const Section section, const RawValue::Kind kind) {
  const RawValue& value = raw[section];
  if (value.kind == RawValue::Kind::Absent) return false;
  if (value.kind == kind) return true;
  refuse(section,
         shown(value) + (kind == RawValue::Kind::Array ? " is no array" : " is no object"));
}

void require_version(const RawMessage& raw) {
  const RawValue& value = raw[Section::Version];
  if (value.kind == RawValue::Kind::Absent) return;
  const std::string_view text = value.text();
  unsigned version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    refuse(Section::Version, shown(value) + " is no version");
  }
  if (version > 1) refuse(Section::Version, shown(value) + " is newer than 1, which is known here");
}

Kind kind_of(const RawMessage& raw) {
  std::optional<Kind> kind;
  for (std::size_t i = 0; i < detail::kKinds; ++i) {
    if (raw.sections[i].kind == RawValue::Kind::Absent) continue;
    const auto other = static_cast<Kind>(i);
    if (kind) {
      refuse("", "it is both " + std::string(name(*kind)) + " and " + std::string(name(other)));
    }
    kind = other;
  }
  if (!kind) refuse("", "no message: no capability, specification, result, … names its kind");
  return *kind;
}

When parsed_when(const std::string_view text) {
  try {
    return When::parse(text);
  } catch (const Error& error) {
    throw error.within(name(Section::When));
  }
}

When when_of(const RawMessage& raw) { return parsed_when(required_text(raw, Section::When)); }

// The scope of an envelope of runs. The old SDK leaves out the end of one that is open and writes
// "2015-06-01 12:00:00.000000 / 1m" (the scope of a statement cannot look like that).
When outer_when_of(const RawMessage& raw) {
  const std::string_view text = required_text(raw, Section::When);
  const std::size_t period = text.find(" / ");
  const bool has_end = text.find(" ... ") < period || text.find(" + ") < period;
  if (period == std::string_view::npos || has_end) return parsed_when(text);
  return parsed_when(std::string(text.substr(0, period)) + " ... future" +
                     std::string(text.substr(period)));
}

const Element& element_of(const Registry& registry, const Section section,
                          const std::string_view name) {
  if (const Element* element = registry.find(name)) return *element;
  try {
    return registry.element(name);
  } catch (const Error& error) {
    throw Error(error.kind(), detail::pointer(detail::name(section), name), error.message());
  }
}

// The value that JSON means for a primitive: a text, or a native number or boolean for their own.
Value value_of(const Primitive primitive, const RawValue& raw) {
  const bool is_number = primitive == Primitive::Natural || primitive == Primitive::Real;
  switch (raw.kind) {
    case RawValue::Kind::Null:
      return {};
    case RawValue::Kind::String:
      return Value::parse(primitive, raw.text());
    case RawValue::Kind::Number:
      if (is_number) return Value::parse(primitive, raw.text());
      break;
    case RawValue::Kind::False:
    case RawValue::Kind::True:
      if (primitive == Primitive::Boolean) return raw.kind == RawValue::Kind::True;
      break;
    default:
      break;
  }
  throw Error(ErrorKind::Invalid, {}, shown(raw) + " is no " + std::string(to_string(primitive)));
}

Constraint constraint_of(const Primitive primitive, const RawValue& raw) {
  if (raw.kind == RawValue::Kind::String) return Constraint::parse(primitive, raw.text());
  Value value = value_of(primitive, raw);
  return value.has_value() ? Constraint::one_of({std::move(value)}) : Constraint();
}

void push_cell(Column& column, const RawValue& raw) {
  if (raw.kind == RawValue::Kind::String) {
    column.push_text(raw.text());
  } else {
    column.push(value_of(column.primitive(), raw));
  }
}

/// Builds messages of one text. One thread at a time.
class Decoder {
 public:
  explicit Decoder(const Registry& registry) noexcept : registry_(registry) {}

  Message build(const RawMessage& raw, std::vector<Message> contents) {
    const Kind kind = kind_of(raw);
    if (kind == Kind::Exception) return exception_of(raw);
    require_version(raw);
    switch (kind) {
      case Kind::Envelope:
        return envelope_of(raw, std::move(contents));
      case Kind::Capability:
        return StatementAccess::make<Capability>(statement_of(kind, raw));
      case Kind::Specification:
        return StatementAccess::make<Specification>(statement_of(kind, raw));
      case Kind::Result:
        return result_of(raw);
      case Kind::Receipt:
        return StatementAccess::make<Receipt>(notification_of(kind, raw));
      case Kind::Redemption:
        return StatementAccess::make<Redemption>(notification_of(kind, raw));
      case Kind::Indirection:
        return StatementAccess::make<Indirection>(statement_of(kind, raw));
      case Kind::Withdrawal:
        return StatementAccess::make<Withdrawal>(notification_of(kind, raw));
      case Kind::Interrupt:
      case Kind::Exception:
        break;
    }
    return StatementAccess::make<Interrupt>(notification_of(kind, raw));
  }

 private:
  using Data = std::shared_ptr<StatementData>;

  static Message exception_of(const RawMessage& raw) {
    return Exception(optional_text(raw, section_of(Kind::Exception)),
                     std::string(required_text(raw, Section::Message)));
  }

  static Message envelope_of(const RawMessage& raw, std::vector<Message> contents) {
    const std::string_view content_type = required_text(raw, section_of(Kind::Envelope));
    if (!has_list(raw, Section::Contents, RawValue::Kind::Array)) {
      refuse(Section::Contents, "is missing");
    }
    Envelope envelope(std::move(contents));
    envelope.content_type = content_type;
    envelope.token = optional_text(raw, Section::Token);
    envelope.label = optional_text(raw, Section::Label);
    if (!is_missing(raw[Section::When])) envelope.when = outer_when_of(raw);
    return envelope;
  }

  // What all statements and notifications have, whole or not.
  static Data opening(const Kind kind, const RawMessage& raw, Schema schema) {
    const Section section = section_of(kind);
    std::string verb(required_text(raw, section));
    if (verb.empty()) refuse(section, "the verb is empty");
    auto data = std::make_shared<StatementData>(kind, std::move(verb), std::move(schema));
    if (auto label = optional_text(raw, Section::Label)) data->relabel(std::move(*label));
    data->token = optional_text(raw, Section::Token);
    data->link = optional_text(raw, Section::Link);
    data->export_url = optional_text(raw, Section::Export);
    return data;
  }

  // A notification names what it is about by its token alone when none of that is there.
  Data notification_of(const Kind kind, const RawMessage& raw) {
    for (const Section section :
         {Section::When, Section::Parameters, Section::Metadata, Section::Results}) {
      if (raw[section].kind != RawValue::Kind::Absent) return statement_of(kind, raw);
    }
    if (is_missing(raw[Section::Token])) {
      refuse("", "a " + std::string(name(kind)) + " needs a token, or a when and what follows it");
    }
    Data data = opening(kind, raw, schema_of(stated_registry(raw), {}, 0));
    data->token_only = true;
    return data;
  }

  Data statement_of(const Kind kind, const RawMessage& raw) {
    if (is_missing(raw[Section::Registry])) refuse(Section::Registry, "is missing");
    const Registry& registry = stated_registry(raw);
    const auto parameters = parameters_of(registry, raw);
    std::vector<const Element*> elements;
    elements.reserve(2 * (parameters.size() + raw.columns.size()));  // a schema has them twice
    for (const Parameter& parameter : parameters) elements.push_back(parameter.element);
    add_columns(registry, raw, elements);

    Data data = opening(kind, raw, schema_of(registry, std::move(elements), parameters.size()));
    data->when = when_of(raw);
    data->metadata = metadata_of(registry, raw);
    if (detail::is_offer(kind)) {
      data->constraints = converted<Constraint>(parameters, constraint_of);
    } else {
      data->values = converted<Value>(parameters, value_of);
    }
    return data;
  }

  // A message is about the registry it names; one by its token alone may leave that out.
  const Registry& stated_registry(const RawMessage& raw) const {
    if (is_missing(raw[Section::Registry])) return registry_;
    const std::string_view uri = required_text(raw, Section::Registry);
    if (uri.empty()) refuse(Section::Registry, "is empty");
    if (const Registry* registry = registry_.known(uri)) return *registry;
    refuse(Section::Registry, quoted(uri) + " is not known here");
  }

  struct Parameter {
    const Element* element;
    const RawValue* value;
  };

  // Of members of one name the last counts.
  static void put(std::vector<Parameter>& list, const Element& element, const RawValue& value) {
    const auto same = std::find_if(list.begin(), list.end(), [&](const Parameter& other) {
      return other.element == &element;
    });
    if (same != list.end()) {
      same->value = &value;
    } else {
      list.push_back({&element, &value});
    }
  }

  static std::vector<Parameter> members_of(const Registry& registry, const Section section,
                                           const std::span<const RawMember> members) {
    std::vector<Parameter> list;
    list.reserve(std::min(members.size(), registry.elements().size()));
    for (const RawMember& member : members) {
      put(list, element_of(registry, section, member.name), member.value);
    }
    return list;
  }

  static std::vector<Parameter> parameters_of(const Registry& registry, const RawMessage& raw) {
    if (!has_list(raw, Section::Parameters, RawValue::Kind::Object)) return {};
    return members_of(registry, Section::Parameters, raw.parameters);
  }

  static void add_columns(const Registry& registry, const RawMessage& raw,
                          std::vector<const Element*>& elements) {
    if (!has_list(raw, Section::Results, RawValue::Kind::Array)) return;
    const std::size_t first = elements.size();
    for (const RawValue& column : raw.columns) {
      if (column.kind != RawValue::Kind::String) {
        refuse(detail::pointer("results", std::to_string(elements.size() - first)),
               shown(column) + " is no name of an element");
      }
      elements.push_back(&element_of(registry, Section::Results, column.text()));
      if (elements.size() - first > registry.elements().size()) break;  // one must be there twice
    }
  }

  template <typename T, typename Convert>
  static std::vector<T> converted(const std::vector<Parameter>& parameters,
                                  const Convert& convert) {
    std::vector<T> list;
    list.reserve(parameters.size());
    for (const Parameter& parameter : parameters) {
      try {
        list.push_back(convert(parameter.element->primitive(), *parameter.value));
      } catch (const Error& error) {
        throw error.within(detail::pointer("parameters", parameter.element->name()));
      }
    }
    return list;
  }

  static Metadata metadata_of(const Registry& registry, const RawMessage& raw) {
    if (!has_list(raw, Section::Metadata, RawValue::Kind::Object)) return {};
    Metadata metadata;
    for (const Parameter& member : members_of(registry, Section::Metadata, raw.metadata)) {
      const std::string& name = member.element->name();
      try {
        metadata.emplace_back(name, value_of(member.element->primitive(), *member.value));
      } catch (const Error& error) {
        throw error.within(detail::pointer("metadata", name));
      }
    }
    std::sort(metadata.begin(), metadata.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return metadata;
  }

  // The messages of one envelope often have one schema: they share it.
  Schema schema_of(const Registry& registry, std::vector<const Element*> elements,
                   const std::size_t parameters) {
    const bool is_last =
        last_ && last_->registry().same(registry) && last_->parameters().size() == parameters &&
        std::equal(elements.begin(), elements.begin() + static_cast<std::ptrdiff_t>(parameters),
                   last_->parameters().begin()) &&
        std::equal(elements.begin() + static_cast<std::ptrdiff_t>(parameters), elements.end(),
                   last_->columns().begin(), last_->columns().end());
    if (!is_last) last_ = SchemaAccess::make(registry, std::move(elements), parameters);
    return *last_;
  }

  Message result_of(const RawMessage& raw) {
    Data data = statement_of(Kind::Result, raw);
    std::vector<Column> columns;
    columns.reserve(data->schema.columns().size());
    for (const Element* element : data->schema.columns()) {
      columns.emplace_back(element->primitive()).reserve(raw.rows.size());
    }
    if (has_list(raw, Section::ResultValues, RawValue::Kind::Array)) fill(columns, raw);
    for (Column& column : columns) column.shrink();
    return StatementAccess::make_result(std::move(data), std::move(columns));
  }

  static void fill(std::vector<Column>& columns, const RawMessage& raw) {
    std::size_t begin = 0;
    for (std::size_t row = 0; row < raw.rows.size(); ++row) {
      const auto [end, is_array] = raw.rows[row];
      if (!is_array || end - begin != columns.size()) {
        refuse("resultvalues/" + std::to_string(row),
               is_array ? std::to_string(end - begin) + " values for " +
                              std::to_string(columns.size()) + " columns"
                        : "is no array");
      }
      fill_row(columns, raw.cells.subspan(begin, end - begin), row);
      begin = end;
    }
  }

  static void fill_row(std::vector<Column>& columns, const std::span<const RawValue> cells,
                       const std::size_t row) {
    std::size_t column = 0;
    try {
      for (; column < cells.size(); ++column) push_cell(columns[column], cells[column]);
    } catch (const Error& error) {
      throw error.within("resultvalues/" + std::to_string(row) + "/" + std::to_string(column));
    }
  }

  const Registry& registry_;
  std::optional<Schema> last_;
};

template <typename T, std::size_t index = 0>
constexpr std::string_view name_of_type() noexcept {
  if constexpr (std::is_same_v<std::variant_alternative_t<index, Message::Alternatives>, T>) {
    return name(static_cast<Kind>(index));
  } else {
    return name_of_type<T, index + 1>();
  }
}

}  // namespace

Message decode(const std::string_view text, const Registry& registry, const DecodeLimits& limits) {
  Decoder decoder(registry);
  return detail::read_message(text, limits,
                              [&decoder](const RawMessage& raw, std::vector<Message> contents) {
                                return decoder.build(raw, std::move(contents));
                              });
}

template <typename T>
T decode_as(const std::string_view text, const Registry& registry, const DecodeLimits& limits) {
  const Message message = decode(text, registry, limits);
  if (const T* wanted = message.find<T>()) return *wanted;
  throw Error(ErrorKind::Invalid, {},
              "a message of kind " + std::string(message.kind()) + " instead of " +
                  std::string(name_of_type<T>()));
}

template Capability decode_as<Capability>(std::string_view, const Registry&, const DecodeLimits&);
template Specification decode_as<Specification>(std::string_view, const Registry&,
                                                const DecodeLimits&);
template Result decode_as<Result>(std::string_view, const Registry&, const DecodeLimits&);
template Receipt decode_as<Receipt>(std::string_view, const Registry&, const DecodeLimits&);
template Redemption decode_as<Redemption>(std::string_view, const Registry&, const DecodeLimits&);
template Indirection decode_as<Indirection>(std::string_view, const Registry&, const DecodeLimits&);
template Withdrawal decode_as<Withdrawal>(std::string_view, const Registry&, const DecodeLimits&);
template Interrupt decode_as<Interrupt>(std::string_view, const Registry&, const DecodeLimits&);
template Exception decode_as<Exception>(std::string_view, const Registry&, const DecodeLimits&);
template Envelope decode_as<Envelope>(std::string_view, const Registry&, const DecodeLimits&);

}  // namespace mplane
