#include "mplane/probes/throughput/wire.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace mplane {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kNumber = 8;
constexpr std::string_view kRequest = "mPlr";
constexpr std::string_view kGrant = "mPlg";
constexpr std::string_view kReport = "mPlR";

using Out = std::span<std::uint8_t>;

void put_word(Out out, std::string_view word) noexcept {
  std::copy(word.begin(), word.end(), out.begin());
}

void put(Out out, std::size_t at, std::uint64_t number) noexcept {
  for (std::size_t n = kNumber; n-- > 0; number >>= 8U) {
    out[at + n] = static_cast<std::uint8_t>(number & 0xffU);
  }
}

std::uint64_t number_at(Bytes bytes, std::size_t at) noexcept {
  std::uint64_t number = 0;
  for (std::size_t n = 0; n < kNumber; ++n) number = number << 8U | bytes[at + n];
  return number;
}

bool begins_with(Bytes bytes, std::string_view word) noexcept {
  return std::equal(word.begin(), word.end(), bytes.begin(), [](char letter, std::uint8_t byte) {
    return static_cast<std::uint8_t>(letter) == byte;
  });
}

}  // namespace

std::array<std::uint8_t, LoadRequest::kSize> encode(const LoadRequest& request) noexcept {
  std::array<std::uint8_t, LoadRequest::kSize> out{};
  put_word(out, kRequest);
  out[kWord] = static_cast<std::uint8_t>(request.kind);
  return out;
}

std::array<std::uint8_t, LoadGrant::kSize> encode(const LoadGrant& grant) noexcept {
  std::array<std::uint8_t, LoadGrant::kSize> out{};
  put_word(out, kGrant);
  out[kWord] = grant.granted ? 1 : 0;
  put(out, kNumber, grant.cookie);
  return out;
}

std::array<std::uint8_t, LoadReport::kSize> encode(const LoadReport& report) noexcept {
  std::array<std::uint8_t, LoadReport::kSize> out{};
  put_word(out, kReport);
  const std::array numbers{
      report.octets,    report.first_octets, static_cast<std::uint64_t>(report.time.count()),
      report.datagrams, report.out_of_order, report.duplicates,
      report.dropped};
  for (std::size_t n = 0; n < numbers.size(); ++n) put(out, kNumber * (n + 1), numbers[n]);
  return out;
}

std::array<std::uint8_t, LoadTag::kSize> encode(const LoadTag& tag) noexcept {
  std::array<std::uint8_t, LoadTag::kSize> out{};
  put(out, 0, tag.cookie);
  put(out, kNumber, tag.number);
  return out;
}

std::optional<LoadRequest> decode_load_request(Bytes bytes) noexcept {
  if (bytes.size() != LoadRequest::kSize || !begins_with(bytes, kRequest)) return std::nullopt;
  const LoadRequest request{static_cast<LoadKind>(bytes[kWord])};
  const bool known = request.kind == LoadKind::Tcp || request.kind == LoadKind::Udp;
  return known ? std::optional(request) : std::nullopt;
}

std::optional<LoadGrant> decode_load_grant(Bytes bytes) noexcept {
  if (bytes.size() != LoadGrant::kSize || !begins_with(bytes, kGrant)) return std::nullopt;
  return LoadGrant{bytes[kWord] == 1, number_at(bytes, kNumber)};
}

std::optional<LoadReport> decode_load_report(Bytes bytes) noexcept {
  if (bytes.size() != LoadReport::kSize || !begins_with(bytes, kReport)) return std::nullopt;
  const auto number = [&](std::size_t which) { return number_at(bytes, kNumber * which); };
  const LoadReport report{.octets = number(1),
                          .first_octets = number(2),
                          .time = std::chrono::nanoseconds(static_cast<std::int64_t>(number(3))),
                          .datagrams = number(4),
                          .out_of_order = number(5),
                          .duplicates = number(6),
                          .dropped = number(7)};
  constexpr std::chrono::hours kLongest(48);  // more than any operator allows
  const bool sound = report.first_octets <= report.octets && report.time.count() >= 0 &&
                     report.time <= kLongest && report.out_of_order <= report.datagrams;
  return sound ? std::optional(report) : std::nullopt;
}

std::optional<LoadTag> decode_load_tag(Bytes bytes) noexcept {
  if (bytes.size() < LoadTag::kSize) return std::nullopt;
  return LoadTag{number_at(bytes, 0), number_at(bytes, kNumber)};
}

std::optional<std::uint64_t> goodput(const LoadReport& report) noexcept {
  constexpr double kMost = 1e18;  // whatever a receiver says
  const double seconds = std::chrono::duration<double>(report.time).count();
  const auto octets = static_cast<double>(report.octets - report.first_octets);
  if (seconds <= 0 || octets <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::min(octets * 8 / seconds, kMost));
}

}  // namespace mplane
