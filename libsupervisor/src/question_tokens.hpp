#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/value.hpp"

#include <string>
#include <string_view>

namespace mplane::detail {

/// The tokens under which components are asked. Who knows one could answer in another's name, so
/// that nobody can guess them: 128 bits. Those of one run are the same whenever and in whichever
/// process with this key it asks, so that what a component was asked before it is not asked twice.
/// Immutable.
class QuestionTokens {
 public:
  /// Without a key they are made of one that nobody ever learns.
  explicit QuestionTokens(std::string key);

  /// @param run names a run unlike any other; without it the token is another each time.
  /// @param item what of a split it is asked for.
  std::string of(std::string_view run, const Registration& offer, const Value& item = {}) const;

 private:
  const std::string key_;
};

}  // namespace mplane::detail
