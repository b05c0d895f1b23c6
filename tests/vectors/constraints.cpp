// Constraints (kind constraint).

#include "mplane/model/constraint.hpp"
#include "mplane/model/error.hpp"
#include "native_value.hpp"
#include "vector_kind.hpp"

#include <algorithm>

using mplane::Constraint;
using mplane::Primitive;
using mplane::Value;

namespace {

const char* class_of(const Constraint& constraint) {
  switch (constraint.kind()) {
    case Constraint::Kind::Range:
      return "range";
    case Constraint::Kind::Set:
      return "set";
    case Constraint::Kind::Any:
      break;
  }
  return "all";
}

Json met(const Constraint& constraint, const Primitive primitive, const Json& value) {
  try {
    return constraint.admits(value.is_null() ? Value() : Value::parse(primitive, value.text()));
  } catch (const mplane::Error& error) {
    return Json::Object{{"raises", error.what()}};
  }
}

// The values that a case asks about, with our answers.
Json::Array met_by(const Json& vector_case, const Constraint& constraint,
                   const Primitive primitive) {
  Json::Array answers;
  const Json* questions = vector_case.at("expected").find("met_by");
  if (questions == nullptr) return answers;
  for (const Json& question : questions->array()) {
    const Json& value = question.at("value");
    answers.push_back(Json::Object{{"value", value}, {"met", met(constraint, primitive, value)}});
  }
  return answers;
}

}  // namespace

Json answer_constraint(const Json& vector_case, const VectorFile&) {
  const Primitive primitive = primitive_named(vector_case.at("prim"));
  const Constraint constraint = Constraint::parse(primitive, vector_case.at("input").text());
  const Value* const single = constraint.single();
  Json answer = Json::Object{{"class", class_of(constraint)},
                             {"str", to_string(constraint)},
                             {"single_value", native_json(single == nullptr ? Value() : *single)},
                             {"met_by", met_by(vector_case, constraint, primitive)}};
  if (constraint.kind() == Constraint::Kind::Set) {
    Json::Array members;
    for (const Value& member : constraint.values()) members.emplace_back(to_string(member));
    answer.object()["members"] = members;
  }
  return answer;
}

// Python writes the members of a set in any order.
void normalize_constraint(Json& answer) {
  Json* const members = answer.find("members");
  if (members == nullptr) return;
  std::sort(members->array().begin(), members->array().end(),
            [](const Json& a, const Json& b) { return a.text() < b.text(); });
  answer.object().erase("str");
}
