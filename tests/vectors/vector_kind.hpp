#pragma once

#include "json.hpp"

#include <string_view>

/// What a file says beside its cases, and where it lies.
struct VectorFile {
  std::string_view path;
  const Json& json;
};

/// A kind of vector: how we answer its cases, and what in an answer does not count.
struct VectorKind {
  std::string_view name;  ///< as the cases have it in `kind`
  std::string_view key;   ///< only of cases with this key; empty: of all
  /// Our answer, in the form of `expected`. Throws mplane::Error where we refuse.
  Json (*answer)(const Json& vector_case, const VectorFile& file);
  /// Changes what is expected and what we answer alike, so that what does not count is equal. May
  /// be null; is not asked for refusals.
  void (*normalize)(Json& answer) = nullptr;
  std::string_view expected = "expected";  ///< the key of what is expected
};

/// An answer without what does not count.
Json normalized(Json answer, const VectorKind& kind);

/// The kind of a case; null when it has none that is known.
const VectorKind* find_kind(const Json& vector_case);

// What the sources answer, for the list in vector_kinds.cpp.
Json answer_primitive_parse(const Json& vector_case, const VectorFile& file);
Json answer_primitive_unparse(const Json& vector_case, const VectorFile& file);
Json answer_unparse_time(const Json& vector_case, const VectorFile& file);
Json answer_primitive_name(const Json& vector_case, const VectorFile& file);
Json answer_duration(const Json& vector_case, const VectorFile& file);
Json answer_unparse_duration(const Json& vector_case, const VectorFile& file);
Json answer_when_parse(const Json& vector_case, const VectorFile& file);
Json answer_in_scope(const Json& vector_case, const VectorFile& file);
Json answer_follows(const Json& vector_case, const VectorFile& file);
Json answer_iterator(const Json& vector_case, const VectorFile& file);
Json answer_constraint(const Json& vector_case, const VectorFile& file);
void normalize_constraint(Json& answer);
Json answer_registry(const Json& vector_case, const VectorFile& file);
Json answer_core(const Json& vector_case, const VectorFile& file);
Json answer_compatible(const Json& vector_case, const VectorFile& file);
Json answer_registry_for_uri(const Json& vector_case, const VectorFile& file);
void normalize_registry(Json& answer);
Json answer_wire(const Json& vector_case, const VectorFile& file);
Json answer_build(const Json& vector_case, const VectorFile& file);
Json answer_fulfills(const Json& vector_case, const VectorFile& file);
void normalize_message(Json& answer);
Json answer_identity(const Json& vector_case, const VectorFile& file);
Json answer_authorization(const Json& vector_case, const VectorFile& file);
Json answer_process_message(const Json& vector_case, const VectorFile& file);
void normalize_reply(Json& answer);
