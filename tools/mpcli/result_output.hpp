#pragma once

#include "mplane/model/result.hpp"
#include "options.hpp"
#include "rows.hpp"

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
  /// A component that yields no result, or no more.
  virtual void fail(const std::string& /*component*/) {}
  /// There are no more.
  virtual void finish() = 0;
};

/// What will be written. It depends on the question alone, so that the same question always has
/// answers of the same shape.
struct Expectation {
  bool many = false;  ///< several results, of a repeated specification: rows say when they were
  bool components = false;  ///< of several components: rows say whose they are, first of all
  bool summary = false;     ///< figures about the rows rather than the rows: see Summary
  Screen screen = {};
};

/// The output outlives it. Rows have the result's columns, behind `component` and `when` where
/// these are expected. A result with other columns than the first has no values in those it lacks.
std::unique_ptr<ResultOutput> make_result_output(Format format, std::ostream& out,
                                                 const Expectation& expected);

// The kinds of them; make_result_output chooses one.
std::unique_ptr<ResultOutput> make_row_results(Format format, std::ostream& out,
                                               const Expectation& expected);
std::unique_ptr<ResultOutput> make_json_results(std::ostream& out, const Expectation& expected);
std::unique_ptr<ResultOutput> make_prometheus_results(std::ostream& out,
                                                      const Expectation& expected);
std::unique_ptr<ResultOutput> make_summary(Format format, std::ostream& out,
                                           const Expectation& expected);

/// "ping-average-ip4 at org.example.component.demo", then what was asked and, of a single result,
/// when that was: lines for people.
std::string heading_of(const Result& result, const std::string& component,
                       const Expectation& expected);

}  // namespace mplane
