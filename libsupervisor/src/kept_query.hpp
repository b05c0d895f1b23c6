#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"
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

  /// How much an answer may be, and take.
  struct Limits {
    std::size_t rows;
    Duration time;
  };

  /// Reads the answer, as far as it was kept when this began.
  /// @throws Error{TooLarge} when there are more rows or it takes longer, saying what time to ask
  /// for instead, if there is one; {Unavailable} when what is kept cannot be read.
  Result answer(ResultReader& kept, const Specification& asked, const Limits& limits,
                const std::stop_token& stop) const;

 private:
  ResultSelection selection(const Specification& asked, Instant now) const;
  bool is_asked(const Result& one, const Specification& asked) const;
  void add_rows(Result& answer, const KeptResult& kept, const Result& one) const;
  std::vector<Value> row_head(const KeptResult& kept, const Result& one) const;

  const std::string label_;
  const Schema schema_;  // of the results
  const By by_;
  const Capability capability_;
};

}  // namespace mplane::detail
