#include "comparison.hpp"
#include "vector_kind.hpp"

#include <algorithm>
#include <array>

namespace {

constexpr std::array kKinds = {
    VectorKind{"parse", "prim", answer_primitive_parse},
    VectorKind{"unparse", "", answer_primitive_unparse},
    VectorKind{"unparse_time", "", answer_unparse_time},
    VectorKind{"primitive_name", "", answer_primitive_name},
    VectorKind{"duration", "", answer_duration},
    VectorKind{"unparse_duration", "", answer_unparse_duration},
    VectorKind{"parse", "", answer_when_parse},
    VectorKind{"in_scope", "", answer_in_scope},
    VectorKind{"follows", "", answer_follows},
    VectorKind{"iterator", "", answer_iterator},
    VectorKind{"constraint", "", answer_constraint, normalize_constraint},
    VectorKind{"registry", "", answer_registry, normalize_registry},
    VectorKind{"core", "", answer_core, normalize_registry},
    VectorKind{"compatible", "", answer_compatible},
    VectorKind{"registry_for_uri", "", answer_registry_for_uri},
    VectorKind{"wire", "", answer_wire, normalize_message},
    VectorKind{"build", "", answer_build, normalize_message},
    VectorKind{"process_message", "", answer_process_message, normalize_reply},
    VectorKind{"fulfills", "", answer_fulfills},
    VectorKind{"identity", "", answer_identity, nullptr, "expected_peer"},
    VectorKind{"authorization", "", answer_authorization},
};

}  // namespace

Json normalized(Json answer, const VectorKind& kind) {
  if (kind.normalize != nullptr && !is_refusal(answer)) kind.normalize(answer);
  return answer;
}

const VectorKind* find_kind(const Json& vector_case) {
  const std::string& name = vector_case.at("kind").text();
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const VectorKind& kind) {
    return kind.name == name && (kind.key.empty() || vector_case.find(kind.key) != nullptr);
  });
  return found == kKinds.end() ? nullptr : &*found;
}
