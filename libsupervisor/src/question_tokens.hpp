#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/value.hpp"
#include "mplane/scheduler/service.hpp"

#include <string>

namespace mplane::detail {

/// The tokens under which components are asked. Who knows one could answer in another's name, so
/// that nobody can guess them: 80 bits. Those of one run are the same whenever and in whichever
/// process with this key it asks, so that what a component was asked before it is not asked twice.
/// Each begins with when it is for, so that those that a store gets one after the other are near
/// each other there: else each new result would write to another place of an index. Immutable.
class QuestionTokens {
 public:
  /// Without a key they are made of one that nobody ever learns.
  explicit QuestionTokens(std::string key);

  /// @param run without a name: another each time.
  /// @param item what of a split it is asked for.
  std::string of(const RunName& run, const Registration& offer, const Value& item = {}) const;

 private:
  const std::string key_;
};

}  // namespace mplane::detail
