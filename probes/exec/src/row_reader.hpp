#pragma once

#include "mplane/probes/exec/settings.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// The texts of one row, in the order of the settings' results.
using TextRow = std::vector<std::optional<std::string>>;

/// Takes a row, and the number of the line, record or value that it came from, counted from 1.
using TakeRow = std::function<void(const TextRow&, std::size_t number)>;

/// Takes the output of a program apart. Interface; implementations are immutable.
class RowReader {
 public:
  RowReader() = default;
  virtual ~RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  /// What is counted: "line".
  virtual std::string_view unit() const noexcept = 0;
  /// @throws Error{Failed} for what is not of the format; of a text that was cut off that is no
  /// error at its end.
  virtual void read(std::string_view text, bool cut, const TakeRow& take) const = 0;
};

/// @throws Error{Configuration} whose `where` is "patterns", "results/…" or another key.
std::unique_ptr<const RowReader> make_row_reader(const ExecSettings& settings);

std::unique_ptr<const RowReader> make_pattern_reader(const ExecSettings& settings);
std::unique_ptr<const RowReader> make_json_reader(const ExecSettings& settings);
std::unique_ptr<const RowReader> make_csv_reader(const ExecSettings& settings);

}  // namespace mplane::detail
