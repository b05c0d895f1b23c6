#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Which way a figure is good. The ratio is turned so that above 1 is always better for us.
enum class Better { Higher, Lower };

/// One figure that a measurement yields; it becomes one line of output.
struct Figure {
  std::string suffix = {};        ///< "" or as "-p99": appended to the row's name
  std::string unit = {};          ///< "1/s", "us", "B"
  Better better = Better::Lower;  ///< throughput: Higher; time, memory, lateness: Lower
};

/// A measurement: takes all its figures once, in the order of the row's Figures.
using Measure = std::function<std::vector<double>()>;

/// `count` operations, the first of which has number `first`: numbers never repeat within a run, so
/// that each operation can get input of its own.
using Work = std::function<void(std::size_t first, std::size_t count)>;

/// What the command line asks for.
///
///     bench_<name> [--json | --list] [--rounds N] [--large] [NAME…]
///
/// NAME is a row's name, with or without the suffix of a figure, or what the names of several rows
/// begin with, up to a hyphen; all rows if there is none.
struct Options {
  bool json = false;                 ///< one object a line instead of text
  bool list = false;                 ///< print the names of rows and measure nothing
  bool large = false;                ///< sizes that take long or much disk
  std::size_t rounds = 9;            ///< pairs; never less than 9
  std::vector<std::string> names{};  ///< rows to run

  /// @throws std::invalid_argument naming the argument.
  static Options parse(int argc, const char* const* argv);
};

/// Median and quartiles of a sample.
struct Summary {
  double low, median, high;
};
/// Of at least one value; between two values the mean, weighted.
Summary summarize(std::vector<double> values);

/// The rows of one benchmark program. `main` lists them:
///
///     int main(int argc, char** argv) {
///       bench::Suite suite(argc, argv);
///       suite.rate("decode-specification", [&](std::size_t i) { bench::keep(decode(inputs[i %
///       64])); },
///                  [&](std::size_t i) { bench::keep(yardstick::dom(inputs[i % 64])); });
///       return suite.finish();
///     }
///
/// Ours and yardstick are measured in turn, `rounds` times, each time the other first, after one
/// round that is thrown away. Both medians and their quartiles are printed; the ratio is the median
/// of the pairs' ratios, 1e6 where the lesser figure is 0. One thread at a time.
class Suite {
 public:
  /// Ends the program with 2 and a sentence when an argument is wrong.
  Suite(int argc, const char* const* argv);
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  bool large() const noexcept { return options_.large; }

  /// A row of rates, in operations a second: `ours(i)` and `yardstick(i)` do operation number i.
  /// How many make up a round is found so that it takes 50 ms.
  template <typename Ours, typename Yardstick>
  void rate(std::string_view name, Ours ours, Yardstick yardstick) {
    rates(name, repeat(std::move(ours)), repeat(std::move(yardstick)));
  }

  /// A row whose two sides measure themselves: rates under load, times, memory, lateness.
  void compare(std::string_view name, const std::vector<Figure>& figures, const Measure& ours,
               const Measure& yardstick);

  /// A row without a yardstick: each figure is held against its limit, of the same unit, and the
  /// ratio is limit ÷ value. `limits` are in the order of the figures.
  void limit(std::string_view name, const std::vector<Figure>& figures,
             const std::vector<double>& limits, const Measure& ours);

  /// What main returns: 0, or 1 when a row failed; its error was printed.
  int finish() const noexcept { return failed_ ? 1 : 0; }

 private:
  template <typename Operation>
  static Work repeat(Operation operation) {
    return [operation = std::move(operation)](std::size_t first, std::size_t count) mutable {
      for (std::size_t i = first; i < first + count; ++i) operation(i);
    };
  }
  void rates(std::string_view name, Work ours, Work yardstick);
  bool wants(std::string_view name, const std::vector<Figure>& figures) const;
  void print(const std::string& name, const Figure& figure, const std::vector<double>& ours,
             const std::vector<double>& yardstick) const;

  Options options_;
  bool failed_ = false;
};

/// Makes the compiler believe that a value is used.
template <typename T>
inline void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

/// Resident memory of a process in bytes, its own by default (VmRSS of /proc/PID/status), or
/// `anonymous` only (RssAnon). @throws std::runtime_error when there is no such process.
double resident_memory(std::optional<int> pid = {}, bool anonymous = false);

/// Gives back to the system what this process has freed, whoever keeps its memory, so that it is
/// not taken for what is needed next.
void release_memory();

/// Processor time that a process has used, in seconds, user and system; its own by default.
/// @throws std::runtime_error when there is no such process.
double processor_time(std::optional<int> pid = {});

/// Lets this process have as many descriptors as the system allows it.
void raise_file_limit();

/// The p-th percentile (0 to 100) of a sample of at least one value.
double percentile(std::vector<double> values, double p);

}  // namespace bench
