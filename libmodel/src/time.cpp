// Times as text, by hand: streams and strptime cost ten times as much.
//
//     time      = "past" | "now" | "future" | timestamp
//     timestamp = YYYY "-" MM "-" DD [" " HH ":" MM [":" SS ["." 1*9digit]]]

#include "mplane/model/time.hpp"

#include "time_reader.hpp"

#include <algorithm>
#include <array>

#include <date/date.h>

namespace mplane {
namespace detail {
namespace {

constexpr unsigned kNoNumber = 100;

// The two digits at an offset, or kNoNumber.
unsigned two_digits(const Scanner& scanner, const std::size_t ahead) noexcept {
  const std::string_view rest = scanner.rest();
  if (rest.size() < ahead + 2) return kNoNumber;
  const unsigned tens = static_cast<unsigned char>(rest.data()[ahead]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(rest.data()[ahead + 1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? kNoNumber : tens * 10 + ones;
}

date::sys_days read_date(Scanner& scanner) {
  const unsigned century = two_digits(scanner, 0);
  const unsigned year_of_century = two_digits(scanner, 2);
  const unsigned month = two_digits(scanner, 5);
  const unsigned day = two_digits(scanner, 8);
  const unsigned worst = std::max({century, year_of_century, month, day});
  if (worst == kNoNumber || scanner.peek(4) != '-' || scanner.peek(7) != '-') {
    scanner.fail("a time is past, now, future or YYYY-MM-DD HH:MM:SS.ffffff");
  }
  const auto year = static_cast<int>(century * 100 + year_of_century);
  const date::year_month_day calendar_day = date::year(year) / date::month(month) / date::day(day);
  if (year == 0 || !calendar_day.ok()) scanner.fail("there is no such day");
  scanner.advance(10);
  return calendar_day;
}

// What follows the point: cut to microseconds.
Duration read_fraction(Scanner& scanner) {
  Duration::rep value = 0;
  std::size_t digits = 0;
  for (; is_digit(scanner.peek()); ++digits, scanner.advance(1)) {
    if (digits < 6) value = value * 10 + (scanner.peek() - '0');
  }
  if (digits < 1 || digits > 9) scanner.fail("a fraction of a second has one to nine digits");
  for (; digits < 6; ++digits) value *= 10;
  return Duration(value);
}

Duration read_time_of_day(Scanner& scanner) {
  const unsigned hour = two_digits(scanner, 0);
  const unsigned minute = two_digits(scanner, 3);
  if (hour > 23 || minute > 59 || scanner.peek(2) != ':') {
    scanner.fail("a time of day is 00:00 to 23:59");
  }
  scanner.advance(5);
  const Duration until_minute = std::chrono::minutes(hour * 60 + minute);
  if (scanner.peek() != ':') return until_minute;
  const unsigned second = two_digits(scanner, 1);
  if (second > 59) scanner.fail("seconds are 00 to 59");
  scanner.advance(3);
  const Duration until_second = until_minute + std::chrono::seconds(second);
  return scanner.skip('.') ? until_second + read_fraction(scanner) : until_second;
}

// Writes a number below 100.
void write_two(char* const out, const unsigned number) noexcept {
  out[0] = static_cast<char>('0' + number / 10);
  out[1] = static_cast<char>('0' + number % 10);
}

using TimeText = std::array<char, 26>;  // YYYY-MM-DD HH:MM:SS.ffffff

TimeText text_of(const Instant instant) noexcept {
  const Instant shown = std::clamp(instant, kFirstInstant, kLastInstant);
  const date::sys_days midnight = std::chrono::floor<date::days>(shown);
  const date::year_month_day day = midnight;
  const auto micros = static_cast<std::uint64_t>((shown - midnight).count());
  const auto seconds = static_cast<unsigned>(micros / 1'000'000);
  const auto fraction = static_cast<unsigned>(micros % 1'000'000);
  const auto year = static_cast<unsigned>(static_cast<int>(day.year()));
  TimeText text{'0', '0', '0', '0', '-', '0', '0', '-', '0', '0', ' ', '0', '0',
                ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', '0', '0', '0'};
  write_two(&text[0], year / 100);
  write_two(&text[2], year % 100);
  write_two(&text[5], static_cast<unsigned>(day.month()));
  write_two(&text[8], static_cast<unsigned>(day.day()));
  write_two(&text[11], seconds / 3600);
  write_two(&text[14], seconds / 60 % 60);
  write_two(&text[17], seconds % 60);
  write_two(&text[20], fraction / 10'000);
  write_two(&text[22], fraction / 100 % 100);
  write_two(&text[24], fraction % 100);
  return text;
}

constexpr std::size_t length_at(const Precision precision) noexcept {
  switch (precision) {
    case Precision::Days:
      return 10;
    case Precision::Minutes:
      return 16;
    case Precision::Seconds:
      return 19;
    case Precision::Microseconds:
      break;
  }
  return 26;
}

void append_cut(std::string& out, const Time time, const std::size_t length) {
  if (time.is_past()) {
    out += "past";
  } else if (time.is_now()) {
    out += "now";
  } else if (time.is_future()) {
    out += "future";
  } else {
    out.append(text_of(time.instant()).data(), length);
  }
}

}  // namespace

Time read_time(Scanner& scanner) {
  if (scanner.skip("past")) return Time::past();
  if (scanner.skip("now")) return Time::now();
  if (scanner.skip("future")) return Time::future();
  const date::sys_days day = read_date(scanner);
  const bool has_time_of_day = scanner.peek() == ' ' && is_digit(scanner.peek(1));
  if (!has_time_of_day) return Instant(day);
  scanner.advance(1);
  return Instant(day) + read_time_of_day(scanner);
}

}  // namespace detail

Time Time::parse(const std::string_view text) {
  detail::Scanner scanner("a time", text);
  const Time time = detail::read_time(scanner);
  scanner.expect_end();
  return time;
}

std::string to_string(const Time time, const Precision precision) {
  std::string text;
  detail::append_cut(text, time, detail::length_at(precision));
  return text;
}

void append(std::string& out, const Time time) {
  detail::append_cut(out, time, detail::length_at(Precision::Microseconds));
}

}  // namespace mplane
