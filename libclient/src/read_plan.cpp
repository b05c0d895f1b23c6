#include "read_plan.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace mplane::detail {
namespace {

/// The start in the token of a run: "<specification's>-<microseconds since 1970>".
std::optional<Instant> start_in(const std::string_view run, const std::string_view token) {
  if (!run.starts_with(token) || run.size() < token.size() + 2) return {};
  if (run[token.size()] != '-') return {};
  const char* const end = run.data() + run.size();
  Duration::rep since = 0;
  const auto [rest, failed] = std::from_chars(run.data() + token.size() + 1, end, since);
  if (failed != std::errc() || rest != end) return {};
  return Instant(Duration(since));
}

}  // namespace

std::vector<ForeseenStart> read_plan(const Message& answer, const std::string& token,
                                     const std::string& url) {
  const auto* const envelope = answer.find<Envelope>();
  if (envelope == nullptr) throw Error(ErrorKind::Failed, url, "the answer is no plan");
  std::vector<ForeseenStart> starts;
  for (const Message& one : envelope->messages()) {
    const auto start = start_in(one.token(), token);
    if (!start) {
      throw Error(ErrorKind::Failed, url,
                  "the plan is of something else: " + mplane::quoted(one.token()));
    }
    const auto* const exception = one.find<Exception>();
    starts.push_back({*start, exception == nullptr ? "" : exception->message()});
  }
  return starts;
}

}  // namespace mplane::detail
