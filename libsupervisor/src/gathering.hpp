#pragma once

#include "choice.hpp"
#include "merge.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/service.hpp"
#include "question.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace mplane::detail {

/// How several components are asked at the same time.
struct Round {
  Below below;
  Instant now = {};  ///< of the specification that is asked below
  /// Whether the first result is enough: then all others are interrupted, and not waited for.
  bool first_counts = false;
  std::string split = {};  ///< the parameter that an item is the value of
  Metadata metadata = {};  ///< for all of them
  RunName run = {};        ///< what it is for, as QuestionTokens
};

/// Asks each of these for what was asked of us. Calls back once, from any thread, also before it
/// returns, with the answers in the order of the offers; where the first counts it may have been
/// the only one. After `stop` it waits for the patience with those below at most.
void gather(const Round& round, const std::vector<Asked>& offers, const Specification& asked,
            const std::stop_token& stop, std::function<void(std::vector<Part>)> done);

}  // namespace mplane::detail
