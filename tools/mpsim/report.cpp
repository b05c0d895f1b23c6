#include "report.hpp"

#include "mplane/model/detail/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <numeric>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

constexpr double kMost = 0.99;

constexpr std::array<std::pair<std::string_view, Seen>, static_cast<std::size_t>(Seen::Count)>
    kSeen{{
        {"registered", Seen::Registered},
        {"registrations", Seen::Registrations},
        {"polls", Seen::Polls},
        {"asked", Seen::Asked},
        {"answered", Seen::Answered},
        {"receipts", Seen::Receipts},
        {"interrupted", Seen::Interrupted},
        {"refused", Seen::Refused},
        {"repeated", Seen::Repeated},
        {"flapped", Seen::Flapped},
        {"lied", Seen::Lied},
        {"died", Seen::Died},
    }};

std::array<std::pair<std::string_view, const Histogram*>, 3> latencies_of(const Tally& tally) {
  return {{{"handshake", &tally.handshake},
           {"registration", &tally.registration},
           {"result", &tally.result}}};
}

std::string fixed(const double number, const int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

std::string milliseconds(const std::chrono::microseconds time) {
  return fixed(std::chrono::duration<double, std::milli>(time).count(), 2) + " ms";
}

std::string line(const std::string_view name, const std::string& what) {
  constexpr std::size_t kColumn = 14;
  std::string text(name);
  text.append(kColumn - std::min(kColumn - 1, name.size()), ' ');
  return text + what + "\n";
}

/// "200: 12, 503: 1": answers by status, from the lowest on.
std::string statuses_text(const Tally& tally) {
  std::string text;
  for (std::size_t status = 0; status < Tally::kStatuses; ++status) {
    if (tally.statuses[status] == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::to_string(status) + ": " + std::to_string(tally.statuses[status]);
  }
  return text.empty() ? "none" : text;
}

std::string troubles_text(const Tally& tally) {
  std::string text;
  for (std::size_t i = 0; i < tally.troubles.size(); ++i) {
    if (tally.troubles[i] == 0) continue;
    const std::string what(to_string(static_cast<Trouble>(i)));
    text += line("", std::to_string(tally.troubles[i]) + " " + what);
  }
  return text.empty() ? line("errors", "none") : "errors\n" + text;
}

std::string summary(const Report& report) {
  const std::uint64_t registered = report.tally.of(Seen::Registered);
  std::string text = std::to_string(registered) + " of " + std::to_string(report.components) +
                     " registered, " + std::to_string(report.workers) + " workers";
  if (registered == 0) return text;
  return text + "; the last after " + fixed(report.took().count(), 2) + " s, " +
         fixed(report.per_second(), 0) + " a second";
}

void write_counts(detail::JsonWriter& json, const Tally& tally) {
  for (const auto& [name, what] : kSeen) {
    json.key(name);
    json.literal(std::to_string(tally.of(what)));
  }
}

void write_latencies(detail::JsonWriter& json, const Tally& tally) {
  json.key("latency");
  json.begin_object();
  for (const auto& [name, histogram] : latencies_of(tally)) {
    json.key(name);
    json.begin_object();
    json.key("count");
    json.literal(std::to_string(histogram->count()));
    json.key("p50");
    json.literal(std::to_string(histogram->at(0.5).count()));
    json.key("p99");
    json.literal(std::to_string(histogram->at(kMost).count()));
    json.end_object();
  }
  json.end_object();
}

void write_errors(detail::JsonWriter& json, const Tally& tally) {
  json.key("statuses");
  json.begin_object();
  for (std::size_t status = 0; status < Tally::kStatuses; ++status) {
    if (tally.statuses[status] == 0) continue;
    json.key(std::to_string(status));
    json.literal(std::to_string(tally.statuses[status]));
  }
  json.end_object();
  json.key("errors");
  json.begin_object();
  for (std::size_t i = 0; i < tally.troubles.size(); ++i) {
    if (tally.troubles[i] == 0) continue;
    json.key(to_string(static_cast<Trouble>(i)));
    json.literal(std::to_string(tally.troubles[i]));
  }
  json.end_object();
}

}  // namespace

std::chrono::duration<double> Report::took() const noexcept {
  if (tally.of(Seen::Registered) == 0) return {};
  return tally.registered_by - tally.began;
}

double Report::per_second() const noexcept {
  const double seconds = took().count();
  return seconds > 0 ? static_cast<double>(tally.of(Seen::Registered)) / seconds : 0;
}

std::string to_text(const Report& report) {
  const Tally& tally = report.tally;
  std::string text = line("components", summary(report));
  for (const auto& [name, what] : kSeen) {
    if (what != Seen::Registered) text += line(name, std::to_string(tally.of(what)));
  }
  for (const auto& [name, histogram] : latencies_of(tally)) {
    if (histogram->count() == 0) continue;
    text += line(name, "p50 " + milliseconds(histogram->at(0.5)) + ", p99 " +
                           milliseconds(histogram->at(kMost)));
  }
  return text + line("answers", statuses_text(tally)) + troubles_text(tally);
}

std::string to_json(const Report& report) {
  std::string text;
  detail::JsonWriter json(text, false);
  json.begin_object();
  json.key("components");
  json.literal(std::to_string(report.components));
  json.key("workers");
  json.literal(std::to_string(report.workers));
  json.key("registered-after");
  json.literal(fixed(report.took().count(), 3));
  json.key("registered-per-second");
  json.literal(fixed(report.per_second(), 1));
  write_counts(json, report.tally);
  write_latencies(json, report.tally);
  write_errors(json, report.tally);
  json.end_object();
  return text;
}

int exit_code(const Report& report) noexcept {
  constexpr int kRefused = 3;
  constexpr int kUnreachable = 5;
  constexpr int kPartly = 6;
  const Tally& tally = report.tally;
  const std::uint64_t registered = tally.of(Seen::Registered);
  if (registered >= report.components) return 0;
  if (registered > 0) return kPartly;
  const bool was_heard = std::any_of(tally.statuses.begin(), tally.statuses.end(),
                                     [](const std::uint64_t count) { return count > 0; });
  return was_heard ? kRefused : kUnreachable;
}

}  // namespace mplane
