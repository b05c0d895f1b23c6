#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/detail/md5.hpp"

namespace mplane::detail {

/// The capability with a token of its label: others take and yield the same, and a token of the
/// statement alone would be theirs, too.
inline Capability with_token_of_label(const Capability& capability) {
  return capability.with_token(capability.statement_hash() + "-" + md5_hex(capability.label()));
}

}  // namespace mplane::detail
