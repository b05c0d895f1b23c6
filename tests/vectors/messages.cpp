// Messages: read from the wire, made from one another, judged against capabilities (kinds wire,
// build, fulfills).

#include "message_json.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/message.hpp"
#include "vector_kind.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using mplane::Capability;
using mplane::Message;
using mplane::Registry;
using mplane::Result;
using mplane::Specification;
using mplane::Value;
using mplane::When;

namespace {

mplane::Instant now_of(const VectorFile& file) {
  return mplane::Time::parse(file.json.at("clock_utc").text()).instant();
}

// A member that is there and not null.
const Json* given(const Json& json, const std::string_view name) {
  const Json* const found = json.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Value value_of(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_text()) return json.text();
  if (const auto* natural = std::get_if<std::uint64_t>(&json.alternatives())) return *natural;
  if (const auto* integer = std::get_if<std::int64_t>(&json.alternatives())) return *integer;
  if (json.is_number()) return json.number();
  return json.boolean();
}

// The messages of a case by the names that its steps give them.
class Maker {
 public:
  explicit Maker(const mplane::Instant now) : now_(now) {}

  const Message& make(const Json& step) {
    keep_token_of_source(step);
    Message message = made_by(step);
    const std::string& name = step.at("make").text();
    return made_.insert_or_assign(name, std::move(message)).first->second;
  }

  const Registry& registry() const { return registry_; }

 private:
  // What is made from a specification asks it for its token, which it then keeps.
  void keep_token_of_source(const Json& step) {
    const Json* const name = step.find("from");
    if (name == nullptr || step.at("kind").text() == "specification") return;
    Message& message = made_.at(name->text());
    if (const auto* specification = message.find<Specification>()) {
      message = specification->with_token(specification->token());
    }
  }

  Message made_by(const Json& step) const {
    const std::string& kind = step.at("kind").text();
    if (kind == "capability") return capability(step);
    if (kind == "specification") return specification(step);
    if (kind == "result") return result(step);
    if (kind == "receipt") return mplane::Receipt(from<Specification>(step));
    if (kind == "redemption") return redemption(step);
    if (kind == "interrupt") return interrupt(step);
    if (kind == "withdrawal") return mplane::Withdrawal(from<Capability>(step));
    if (kind == "exception") return exception(step);
    if (kind == "envelope") return envelope(step);
    throw std::runtime_error("no step " + kind);
  }

  const Message& source(const Json& step) const { return made_.at(step.at("from").text()); }

  template <typename T>
  const T& from(const Json& step) const {
    if (const T* found = source(step).find<T>()) return *found;
    throw std::runtime_error("made from a message of another kind");
  }

  Capability capability(const Json& step) const {
    const Json* const verb = given(step, "verb");
    auto builder = Capability::of(verb == nullptr ? "measure" : verb->text(), "");
    if (const Json* when = given(step, "when")) builder = std::move(builder).when(when->text());
    if (const Json* parameters = given(step, "parameters")) {
      for (const Json& parameter : parameters->array()) {
        const Json& constraint = parameter.array().at(1);
        builder = std::move(builder).parameter(parameter.array().at(0).text(),
                                               constraint.is_null() ? "*" : constraint.text());
      }
    }
    if (const Json* results = given(step, "results")) {
      for (const Json& name : results->array()) builder = std::move(builder).result(name.text());
    }
    if (const Json* metadata = given(step, "metadata")) {
      for (const Json& entry : metadata->array()) {
        builder =
            std::move(builder).metadata(entry.array().at(0).text(), value_of(entry.array().at(1)));
      }
    }
    if (const Json* link = given(step, "link")) builder = std::move(builder).link(link->text());
    if (const Json* token = given(step, "token")) builder = std::move(builder).token(token->text());
    if (const Json* url = given(step, "export")) {
      builder = std::move(builder).exports_to(url->text());
    }
    const Capability capability = std::move(builder).build(registry_);
    const Json* const label = given(step, "label");
    return label == nullptr ? capability : capability.with_label(label->text());
  }

  Specification specification(const Json& step) const {
    const auto& capability = from<Capability>(step);
    const Json* const when = given(step, "set_when");
    auto builder =
        capability.specify(when == nullptr ? capability.when() : When::parse(when->text()));
    if (const Json* values = given(step, "set")) {
      for (const auto& [name, value] : values->object()) {
        builder = std::move(builder).set(name, value_of(value));
      }
    }
    if (const Json* label = given(step, "label")) builder = std::move(builder).label(label->text());
    if (const Json* token = given(step, "token")) builder = std::move(builder).token(token->text());
    if (const Json* link = given(step, "link")) builder = std::move(builder).link(link->text());
    if (const Json* url = given(step, "export")) {
      builder = std::move(builder).export_to(url->text());
    }
    const Specification specification = std::move(builder).build(now_);
    return retokened(specification, given(step, "retoken"));
  }

  // "yes" makes a fresh token where the scope is relative, "force" makes one in any case.
  Specification retokened(const Specification& specification, const Json* const how) const {
    if (how == nullptr) return specification;
    if (specification.is_relative()) return specification.with_fresh_token(now_, 1);
    const bool is_forced = how->text() == "force";
    return is_forced ? specification.with_token(specification.token()) : specification;
  }

  Result result(const Json& step) const {
    Result result(from<Specification>(step));
    if (const Json* when = given(step, "set_when")) result.measured(When::parse(when->text()));
    if (const Json* link = given(step, "link")) result.with_link(link->text());
    if (const Json* url = given(step, "export")) result.with_export(url->text());
    if (const Json* token = given(step, "token")) result.with_token(token->text());
    if (const Json* rows = given(step, "rows")) {
      for (const Json& row : rows->array()) {
        std::vector<Value> values;
        for (const Json& value : row.array()) values.push_back(value_of(value));
        values.resize(std::max(values.size(), result.columns().size()));
        result.row(values);
      }
    }
    return result;
  }

  Message redemption(const Json& step) const {
    if (const auto* receipt = source(step).find<mplane::Receipt>()) {
      return mplane::Redemption(*receipt);
    }
    return mplane::Redemption(from<Specification>(step));
  }

  Message interrupt(const Json& step) const {
    if (const auto* receipt = source(step).find<mplane::Receipt>()) {
      return mplane::Interrupt(*receipt);
    }
    return mplane::Interrupt(from<Specification>(step));
  }

  static Message exception(const Json& step) {
    const Json* const token = given(step, "token");
    const Json* const message = given(step, "message");
    return mplane::Exception(token == nullptr ? std::nullopt : std::optional(token->text()),
                             message == nullptr ? "" : message->text());
  }

  Message envelope(const Json& step) const {
    mplane::Envelope envelope;
    for (const Json& name : step.at("messages").array()) envelope.append(made_.at(name.text()));
    if (const Json* type = given(step, "content_type")) envelope.content_type = type->text();
    if (const Json* token = given(step, "token")) envelope.token = token->text();
    if (const Json* label = given(step, "label")) envelope.label = label->text();
    if (const Json* when = given(step, "when")) {
      envelope.when = When::parse(when->text()).outer(now_);
    }
    if (const Json* trim = given(step, "trim")) {
      envelope.trim(static_cast<std::size_t>(trim->number()));
    }
    return envelope;
  }

  Registry registry_ = Registry::core();
  mplane::Instant now_;
  std::map<std::string, Message> made_;
};

std::string repeated(const std::string& unit, const std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += unit;
  return text;
}

// The text of a case: as it is, or a unit so many times, and what closes it as often.
std::string wire_text(const Json& vector_case) {
  const Json* const repeat = vector_case.find("input_repeat");
  if (repeat == nullptr) return vector_case.at("input").text();
  const auto times = static_cast<std::size_t>(repeat->at("times").number());
  return repeated(repeat->at("unit").text(), times) + repeated(repeat->at("close").text(), times);
}

// The messages that the cases of fulfills.json name, in the file beside it.
Json companion_of(const VectorFile& file) {
  const auto path = std::filesystem::path(file.path).parent_path() / "fulfills_messages.json";
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path.string() + " cannot be opened");
  return Json::parse(std::string{std::istreambuf_iterator<char>(stream), {}});
}

}  // namespace

Json answer_wire(const Json& vector_case, const VectorFile&) {
  Json answer = seen(mplane::decode(wire_text(vector_case), Registry::core()));
  answer.object()["parsed"] = true;
  return answer;
}

Json answer_build(const Json& vector_case, const VectorFile& file) {
  Maker maker(now_of(file));
  const Message* last = nullptr;
  for (const Json& step : vector_case.at("steps").array()) last = &maker.make(step);
  if (last == nullptr) throw std::runtime_error("no steps");
  return seen_and_read_back(*last, maker.registry());
}

Json answer_fulfills(const Json& vector_case, const VectorFile& file) {
  const Json companion = companion_of(file);
  const Json& capability = companion.at("capabilities").at(vector_case.at("cap").text());
  const Json& specification = companion.at("specifications").at(vector_case.at("spec").text());
  const Registry registry = Registry::core();
  const auto offered = mplane::decode_as<Capability>(to_string(capability), registry);
  try {
    const auto asked = mplane::decode_as<Specification>(to_string(specification), registry);
    return offered.accepts(asked, now_of(file));
  } catch (const mplane::Error&) {
    return false;  // what cannot be read is not accepted
  }
}
