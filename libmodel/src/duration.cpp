//     duration = [n "d"] [n "h"] [n "m"] [n "s"] | "inf"          at least one part

#include "mplane/model/duration.hpp"

#include "number_text.hpp"
#include "time_reader.hpp"

#include <array>

namespace mplane {
namespace detail {
namespace {

struct Unit {
  char letter;
  Duration length;
};

constexpr std::array<Unit, 4> kUnits = {
    Unit{'d', std::chrono::hours(24)}, Unit{'h', std::chrono::hours(1)},
    Unit{'m', std::chrono::minutes(1)}, Unit{'s', std::chrono::seconds(1)}};

// Reads the digits of one part. Whatever it is a number of is at least a second long.
Duration::rep read_count(Scanner& scanner) {
  constexpr Duration::rep kMost = std::chrono::floor<std::chrono::seconds>(kWithoutEnd).count();
  Duration::rep count = 0;
  for (; is_digit(scanner.peek()); scanner.advance(1)) {
    const Duration::rep digit = scanner.peek() - '0';
    if (count > (kMost - digit) / 10) scanner.fail("a duration is at most 106751991 days");
    count = count * 10 + digit;
  }
  return count;
}

}  // namespace

Duration read_duration(Scanner& scanner) {
  if (scanner.skip("inf")) return kWithoutEnd;
  if (!is_digit(scanner.peek())) scanner.fail("a duration is like 1d2h3m4s, or inf");
  Duration total = Duration::zero();
  auto unit = kUnits.begin();
  while (is_digit(scanner.peek())) {
    const std::size_t start = scanner.position();
    const Duration::rep count = read_count(scanner);
    while (unit != kUnits.end() && unit->letter != scanner.peek()) ++unit;
    if (unit == kUnits.end()) scanner.fail("a number is followed by d, h, m or s, in this order");
    if (count > (kWithoutEnd - total) / unit->length) {
      scanner.fail_at(start, "a duration is at most 106751991 days");
    }
    total += count * unit->length;
    ++unit;
    scanner.advance(1);
  }
  return total;
}

}  // namespace detail

Duration parse_duration(const std::string_view text) {
  detail::Scanner scanner("a duration", text);
  const Duration duration = detail::read_duration(scanner);
  scanner.expect_end();
  return duration;
}

std::string to_string(const Duration duration) {
  std::string text;
  append(text, duration);
  return text;
}

void append(std::string& out, const Duration duration) {
  if (duration == kWithoutEnd) {
    out += "inf";
    return;
  }
  if (duration < std::chrono::seconds(1)) {
    out += "0s";
    return;
  }
  Duration rest = duration;
  for (const detail::Unit& unit : detail::kUnits) {
    if (rest < unit.length) continue;
    const auto count = rest / unit.length;
    detail::append_natural(out, static_cast<std::uint64_t>(count));
    out += unit.letter;
    rest -= count * unit.length;
  }
}

}  // namespace mplane
