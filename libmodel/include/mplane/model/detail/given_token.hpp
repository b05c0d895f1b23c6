#pragma once

#include "mplane/model/statement.hpp"

#include <string_view>

namespace mplane::detail {

/// The token that a statement was given; empty if it was not, unlike `Statement::token`, which then
/// computes one. Valid as long as a statement with these contents is.
std::string_view given_token(const Statement& statement) noexcept;

}  // namespace mplane::detail
