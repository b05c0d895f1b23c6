#pragma once

#include "mplane/model/result.hpp"
#include "options.hpp"

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>

namespace mplane {

/// Writes results in one format. All formats use the names of the result's columns.
class ResultOutput {
 public:
  ResultOutput() = default;
  ResultOutput(const ResultOutput&) = delete;
  ResultOutput& operator=(const ResultOutput&) = delete;
  virtual ~ResultOutput() = default;

  /// The next result. Formats of one row a line write it at once.
  virtual void add(const Result& result, const std::string& component) = 0;
  /// There are no more.
  virtual void finish() = 0;
};

/// What will be written.
struct Expectation {
  bool many = false;      ///< several results, of a repeated specification: JSON becomes an array
  std::size_t width = 0;  ///< of the terminal; 0 is any
};

/// The output outlives it.
std::unique_ptr<ResultOutput> make_result_output(Format format, std::ostream& out,
                                                 const Expectation& expected);

// The formats; make_result_output chooses one.
std::unique_ptr<ResultOutput> make_table_output(std::ostream& out, const Expectation& expected);
std::unique_ptr<ResultOutput> make_json_output(std::ostream& out, const Expectation& expected);
std::unique_ptr<ResultOutput> make_ndjson_output(std::ostream& out);
std::unique_ptr<ResultOutput> make_csv_output(std::ostream& out);

}  // namespace mplane
