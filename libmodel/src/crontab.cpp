#include "mplane/model/crontab.hpp"

#include "crontab_reader.hpp"
#include "time_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include <date/date.h>

namespace mplane {
namespace {

// The values that a field may have, and how an error names it.
struct Field {
  std::string_view complaint;
  unsigned low;
  unsigned high;
  unsigned high_of_any;  // `*` ends here: Sunday is 0 and 7, and counts once
};

constexpr Field kSecond{"a second is 0 to 59", 0, 59, 59};
constexpr Field kMinute{"a minute is 0 to 59", 0, 59, 59};
constexpr Field kHour{"an hour is 0 to 23", 0, 23, 23};
constexpr Field kDay{"a day of the month is 1 to 31", 1, 31, 31};
constexpr Field kWeekday{"a day of the week is 0 to 7", 0, 7, 6};
constexpr Field kMonth{"a month is 1 to 12", 1, 12, 12};

constexpr std::uint64_t bit(const unsigned number) noexcept { return std::uint64_t{1} << number; }

// The bits from low to high, both included.
constexpr std::uint64_t bits(const unsigned low, const unsigned high) noexcept {
  return (bit(high) << 1U) - bit(low);
}

unsigned read_number(detail::Scanner& scanner, const Field& field) {
  const std::size_t start = scanner.position();
  unsigned number = 0;
  for (; detail::is_digit(scanner.peek()); scanner.advance(1)) {
    number = number * 10 + static_cast<unsigned>(scanner.peek() - '0');
    if (number > field.high) scanner.fail_at(start, field.complaint);
  }
  if (scanner.position() == start || number < field.low) scanner.fail_at(start, field.complaint);
  return number;
}

std::uint64_t read_field(detail::Scanner& scanner, const Field& field) {
  if (scanner.skip('*')) return bits(field.low, field.high_of_any);
  const std::size_t start = scanner.position();
  const unsigned first = read_number(scanner, field);
  if (scanner.skip('-')) {
    const unsigned last = read_number(scanner, field);
    if (last < first) scanner.fail_at(start, "a range goes from low to high");
    if (scanner.peek() == ',') scanner.fail("a range stands alone, not in a list");
    return bits(first, last);
  }
  std::uint64_t numbers = bit(first);
  while (scanner.skip(',')) numbers |= bit(read_number(scanner, field));
  if (scanner.peek() == '-') scanner.fail("a range stands alone, not in a list");
  return numbers;
}

// The Python SDK takes hours to be 0 to 59 and writes `*` so: this list, and no other that goes
// past 23, is read.
constexpr std::string_view kAnyHourOfSdk =
    "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,"
    "34,"
    "35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59 ";

std::uint64_t read_hours(detail::Scanner& scanner) {
  if (!scanner.rest().starts_with(kAnyHourOfSdk)) return read_field(scanner, kHour);
  scanner.advance(kAnyHourOfSdk.size() - 1);  // but for the blank behind it
  return bits(kHour.low, kHour.high_of_any);
}

void skip_blank(detail::Scanner& scanner) {
  if (!scanner.skip(' ')) scanner.fail("six fields stand apart by one blank each");
}

}  // namespace

Crontab CrontabReader::read(detail::Scanner& scanner) {
  Crontab crontab;
  crontab.seconds_ = read_field(scanner, kSecond);
  skip_blank(scanner);
  crontab.minutes_ = read_field(scanner, kMinute);
  skip_blank(scanner);
  crontab.hours_ = static_cast<std::uint32_t>(read_hours(scanner));
  skip_blank(scanner);
  crontab.days_ = static_cast<std::uint32_t>(read_field(scanner, kDay));
  skip_blank(scanner);
  crontab.weekdays_ = static_cast<std::uint8_t>(read_field(scanner, kWeekday));
  skip_blank(scanner);
  crontab.months_ = static_cast<std::uint16_t>(read_field(scanner, kMonth));
  return crontab;
}

Crontab Crontab::parse(const std::string_view text) {
  detail::Scanner scanner("a crontab", text);
  const Crontab crontab = CrontabReader::read(scanner);
  scanner.expect_end();
  return crontab;
}

namespace {

void append_numbers(std::string& out, std::uint64_t numbers) {
  for (bool is_first = true; numbers != 0; numbers &= numbers - 1, is_first = false) {
    if (!is_first) out += ',';
    out += std::to_string(std::countr_zero(numbers));
  }
}

}  // namespace

void append(std::string& out, const Crontab& crontab) {
  const std::array<std::uint64_t, 6> fields = {crontab.seconds_,  crontab.minutes_,
                                               crontab.hours_,    crontab.days_,
                                               crontab.weekdays_, crontab.months_};
  for (const std::uint64_t& field : fields) {
    if (&field != fields.data()) out += ' ';
    append_numbers(out, field);
  }
}

std::string to_string(const Crontab& crontab) {
  std::string text;
  append(text, crontab);
  return text;
}

namespace {

using Seconds = std::chrono::seconds;

unsigned lowest(const std::uint64_t numbers) noexcept {
  return static_cast<unsigned>(std::countr_zero(numbers));
}

// The lowest number of a set that is not below `from`; nothing when there is none.
std::optional<unsigned> lowest_from(const std::uint64_t numbers, const unsigned from) noexcept {
  const std::uint64_t left = numbers >> from << from;
  return left == 0 ? std::nullopt : std::optional(lowest(left));
}

Seconds time_of_day(const unsigned hour, const unsigned minute, const unsigned second) noexcept {
  return Seconds(hour * 3600 + minute * 60 + second);
}

unsigned last_day_of(const date::year_month month) noexcept {
  return static_cast<unsigned>((month / date::last).day());
}

}  // namespace

// The first matching second of a day, at or after `from`, counted from midnight.
std::optional<Seconds> Crontab::next_in_day(const Seconds from) const noexcept {
  const auto wanted = static_cast<unsigned>(from.count());
  const unsigned hour = wanted / 3600;
  const unsigned minute = wanted / 60 % 60;
  if ((hours_ & bit(hour)) != 0) {
    if ((minutes_ & bit(minute)) != 0) {
      const auto second = lowest_from(seconds_, wanted % 60);
      if (second) return time_of_day(hour, minute, *second);
    }
    const auto later = lowest_from(minutes_, minute + 1);
    if (later) return time_of_day(hour, *later, lowest(seconds_));
  }
  const auto later = lowest_from(hours_, hour + 1);
  if (!later) return std::nullopt;
  return time_of_day(*later, lowest(minutes_), lowest(seconds_));
}

// The days of a month that match, as bits 1 to 31.
std::uint64_t Crontab::days_in(const int year, const unsigned month) const noexcept {
  if ((months_ & bit(month)) == 0) return 0;
  const date::year_month that_month = date::year(year) / date::month(month);
  const date::weekday first{date::sys_days(that_month / 1)};
  const unsigned week = (weekdays_ | weekdays_ >> 7U) & 0x7FU;  // 7 is Sunday, as 0 is
  // The week over and over, then moved so that bit 1 is the weekday of the first of the month.
  constexpr std::uint64_t kWeeks = bit(0) | bit(7) | bit(14) | bit(21) | bit(28) | bit(35);
  const std::uint64_t by_weekday = ((week * kWeeks) >> first.c_encoding()) << 1U;
  return days_ & by_weekday & bits(1, last_day_of(that_month));
}

// Whether a month that matches has a day that matches, leap years included; in the 400 years after
// which the calendar repeats every date falls on every weekday.
bool Crontab::ever_fires() const noexcept {
  for (unsigned month = 1; month <= 12; ++month) {
    const date::year_month in_leap_year = date::year(2000) / date::month(month);
    if ((months_ & bit(month)) != 0 && lowest(days_) <= last_day_of(in_leap_year)) return true;
  }
  return false;
}

std::optional<Instant> Crontab::next(const Instant from) const noexcept {
  if (from > detail::kLastInstant || !ever_fires()) return std::nullopt;
  const auto start = std::chrono::ceil<Seconds>(std::max(from, detail::kFirstInstant));
  if (start > detail::kLastInstant) return std::nullopt;
  const date::sys_days midnight = std::chrono::floor<date::days>(start);
  const date::year_month_day today = midnight;
  auto year = static_cast<int>(today.year());
  auto month = static_cast<unsigned>(today.month());
  auto day = static_cast<unsigned>(today.day());
  if ((days_in(year, month) & bit(day)) != 0) {
    if (const auto time = next_in_day(start - midnight)) return Instant(midnight + *time);
  }
  ++day;
  for (; year <= 9999; ++year, month = 1) {
    for (; month <= 12; ++month, day = 1) {
      const auto found = lowest_from(days_in(year, month), day);
      if (!found) continue;
      const date::sys_days then = date::year(year) / date::month(month) / date::day(*found);
      return Instant(then + time_of_day(lowest(hours_), lowest(minutes_), lowest(seconds_)));
    }
  }
  return std::nullopt;
}

bool Crontab::matches(const Instant instant) const noexcept {
  if (instant < detail::kFirstInstant || instant > detail::kLastInstant) return false;
  const auto second = std::chrono::floor<Seconds>(instant);
  const date::sys_days midnight = std::chrono::floor<date::days>(second);
  const date::year_month_day today = midnight;
  const std::uint64_t days =
      days_in(static_cast<int>(today.year()), static_cast<unsigned>(today.month()));
  return second == instant && (days & bit(static_cast<unsigned>(today.day()))) != 0 &&
         next_in_day(second - midnight) == second - midnight;
}

}  // namespace mplane
