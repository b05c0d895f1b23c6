#pragma once

#include "console.hpp"
#include "mplane/client.hpp"
#include "options.hpp"
#include "result_output.hpp"
#include "watch.hpp"

#include <memory>
#include <string>
#include <utility>

namespace mplane {

/// How long an interrupted measurement may take to tell what it has.
inline constexpr Duration kLastWords = std::chrono::seconds(5);
/// How much longer than its scope a measurement is waited for.
inline constexpr Duration kSlack = std::chrono::seconds(30);

/// One measurement, seen through to its end: writes its results, and says how it ended. One thread
/// at a time. The exit codes are the program's.
class Attendant {
 public:
  Attendant(const Options& options, bool summary, const Console& console, Watch& watch);

  /// What is said of a measurement that is not done, instead of how to redeem it.
  void say_when_late(std::string sentence) { late_sentence_ = std::move(sentence); }

  /// Waits for it, writing results as they come, until it ends or the watch says otherwise.
  int attend(Pending& pending);
  /// Has it stopped, and waits for what it has.
  void interrupt(Pending& pending, Duration at_most);
  /// Writes what else there is, and says how it ended.
  int finish(Pending& pending);
  /// Writes what there is so far, whether it has ended or not.
  int report(Pending& pending);

 private:
  void show_progress(const Pending& pending);
  void begin(const Pending& pending);
  void write(const Pending& pending, const Result& result);
  void write_all(Pending& pending);
  int late(const Pending& pending) const;
  int verdict(const Pending& pending) const;

  const Format format_;
  const bool summary_;
  const bool quiet_;
  const Console console_;
  Watch& watch_;
  std::string late_sentence_;
  std::unique_ptr<ResultOutput> output_;
};

}  // namespace mplane
