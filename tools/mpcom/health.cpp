#include "health.hpp"

#include <chrono>
#include <system_error>

namespace mplane {

bool Health::is_alive() const { return component.answers_within(std::chrono::seconds(1)); }

std::vector<std::string> Health::complaints() const {
  constexpr std::uintmax_t kLeast = 1U << 20U;
  std::vector<std::string> complaints;
  if (!is_alive()) complaints.emplace_back("peers are not answered");
  const std::chrono::system_clock::time_point now(clock.now());
  for (const TlsEnding& ending : certificates.endings()) {
    if (ending.until <= now) complaints.push_back(ending.file.string() + " has ended");
  }
  std::error_code failed;
  if (!state_dir.empty() && std::filesystem::space(state_dir, failed).available < kLeast) {
    complaints.push_back("no room is left for " + state_dir.string());
  }
  return complaints;
}

}  // namespace mplane
