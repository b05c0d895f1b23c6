#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/store/result_store.hpp"

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

namespace mplane::detail {

/// What is kept of one kind of results, as a capability to query it (protocol, section 10): `when`
/// says of which time, parameters which of them, and each row of theirs is one of the answer,
/// behind when it began, which component measured it and for which parameters. Immutable.
class KeptQuery {
 public:
  /// What a query selects by, beside time.
  struct By {
    bool component = false;   ///< `observer.device` is the component's name
    bool parameters = false;  ///< the measurement's; a network stands for all addresses in it
  };

  /// @param sample of the results: their schema counts. @throws Error{Invalid} when their registry
  /// lacks the elements for that.
  KeptQuery(std::string label, const Result& sample, By by);

  const Capability& capability() const noexcept { return capability_; }

  /// Reads the answer, as far as it was kept when this began.
  /// @throws Error{TooLarge} saying of which time the first so many rows are, when there are more;
  /// {Unavailable} when what is kept cannot be read.
  Result answer(ResultReader& kept, const Specification& asked, std::size_t most_rows,
                const std::stop_token& stop) const;

 private:
  ResultSelection selection(const Specification& asked, Instant now) const;
  bool is_asked(const Result& one, const Specification& asked) const;
  std::vector<Value> row_head(const KeptResult& kept, const Result& one) const;

  const std::string label_;
  const Schema schema_;  // of the results
  const By by_;
  const Capability capability_;
};

}  // namespace mplane::detail
