#pragma once

#include "mplane/model/result.hpp"
#include "mplane/model/schema.hpp"
#include "mplane/probes/exec/settings.hpp"

#include <memory>
#include <string_view>

namespace mplane {

namespace detail {
class RowReader;
}

/// Reads rows from what a program printed, in time linear to its length: it may be hostile.
/// Immutable.
class OutputReader {
 public:
  /// @throws Error{Configuration} whose `where` is "patterns" or "results/…".
  OutputReader(const ExecSettings& settings, const Schema& schema);
  ~OutputReader();
  OutputReader(const OutputReader&) = delete;
  OutputReader& operator=(const OutputReader&) = delete;

  /// Adds the rows of an output to a result of the schema. Lines, records and objects that have
  /// nothing for any column are passed over; a value that is missing or empty is none.
  /// @param cut the program was stopped: what it had begun to print at the end does not count.
  /// @throws Error{Failed} naming the place in the output, the column and the text.
  void read(std::string_view output, bool cut, Result& result) const;

 private:
  std::vector<ExecColumn> columns_;
  std::unique_ptr<const detail::RowReader> reader_;
};

}  // namespace mplane
