// The grammar of temporal scopes (protocol, section 3). It needs no look-ahead beyond the next
// separator, so a scope is read once from left to right.
//
//     when     = simple | repeated
//     simple   = time | range | range " / " duration
//     range    = time " ... " time | time " + " duration
//     repeated = "repeat " range (" / " duration | " cron " crontab) [" { " inner " }"]
//     inner    = "now" [" + " duration [" / " duration]]

#include "crontab_reader.hpp"
#include "mplane/model/when.hpp"
#include "time_reader.hpp"
#include "when_rules.hpp"

namespace mplane {

/// One reading of a scope. One thread at a time.
class WhenReader {
 public:
  explicit WhenReader(const std::string_view text) noexcept
      : scanner_("a temporal scope", text), when_(Time::now()) {}

  When read() {
    if (scanner_.skip("repeat ")) {
      read_repeated();
    } else {
      read_outer();
      if (!when_.is_singleton() && scanner_.skip(" / ")) when_.period_ = read_period();
    }
    scanner_.expect_end();
    return when_;
  }

 private:
  Duration read_period() {
    const std::size_t start = scanner_.position();
    const Duration period = detail::read_duration(scanner_);
    if (period == Duration::zero()) scanner_.fail_at(start, "a period cannot be zero");
    return period;
  }

  // A single time or a range.
  void read_outer() {
    when_.start_ = detail::read_time(scanner_);
    if (scanner_.skip(" ... ")) {
      const std::size_t end = scanner_.position();
      when_.end_ = detail::read_time(scanner_);
      if (detail::is_reversed(when_.start_, *when_.end_)) {
        scanner_.fail_at(end, "the end is before the start");
      }
    } else if (scanner_.skip(" + ")) {
      when_.duration_ = detail::read_duration(scanner_);
    }
  }

  void read_repeated() {
    when_.repeated_ = true;
    read_outer();
    if (when_.is_singleton()) scanner_.fail("what is repeated is a range, with ... or +");
    if (scanner_.skip(" / ")) {
      when_.period_ = read_period();
    } else if (scanner_.skip(" cron ")) {
      when_.crontab_ = CrontabReader::read(scanner_);
    } else {
      scanner_.fail("a repeated scope goes on with a period or a crontab");
    }
    if (scanner_.skip(" { ")) read_inner();
  }

  void read_inner() {
    if (!scanner_.skip("now")) scanner_.fail("an inner scope starts with now");
    if (scanner_.skip(" + ")) {
      when_.inner_duration_ = detail::read_duration(scanner_);
      if (scanner_.skip(" / ")) when_.inner_period_ = read_period();
    }
    if (!scanner_.skip(" }"))
      scanner_.fail("an inner scope is now + duration / period and ends in }");
    const bool has_blank_behind = scanner_.rest() == " ";  // the Python SDK writes one
    if (has_blank_behind) scanner_.advance(1);
  }

  detail::Scanner scanner_;
  When when_;
};

When When::parse(const std::string_view text) { return WhenReader(text).read(); }

}  // namespace mplane
