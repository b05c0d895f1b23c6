#include "fleet_round.hpp"

#include "attendant.hpp"
#include "mplane/tools/text.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

namespace mplane {

void FleetRound::run(Fleet::Question question, const Heard& heard) {
  bool interrupting = false;
  fleet_.ask(std::move(question));
  while (const auto news = next(interrupting)) {
    if (news->failure) {
      news->ended ? fail(news->component, *news->failure) : say(news->component, *news->failure);
    }
    heard(*news);
  }
}

/// The next news. A first request to stop interrupts what is measured, and gives it a while; if
/// nobody is to wait, or there is nothing to wait for any more, the round is given up.
std::optional<Fleet::News> FleetRound::next(bool& interrupting) {
  if (!interrupting) {
    if (auto news = fleet_.next(watch_.stop())) return news;
    if (!watch_.stop().stop_requested()) return {};
    interrupting = true;
    if (watch_.wish() == Wish::Interrupt) {
      fleet_.interrupt();
    } else {
      fleet_.give_up();
    }
  }
  if (auto news = fleet_.next(watch_.give_up())) return news;
  if (watch_.give_up().stop_requested()) fleet_.give_up();
  return fleet_.next();
}

void FleetRound::fail(const std::string& component, const Error& error) {
  lost_.push_back(component);
  say(component, error);
}

void FleetRound::say(const std::string& component, const Error& error) {
  const bool late = error.kind() == ErrorKind::Unavailable && watch_.stop().stop_requested();
  const int code = traits(late ? ErrorKind::TimedOut : error.kind()).exit_code;
  code_ = std::min(code_.value_or(code), code);
  console_.err << "mpcli: " << printable(component) << ": " << printable(error.what()) << '\n';
}

int FleetRound::verdict(const bool some) const {
  if (!code_) return 0;
  return some ? kInPart : *code_;
}

std::vector<Found> discover_all(Fleet& fleet, FleetRound& round) {
  std::vector<Found> found(fleet.size());
  const auto discover = [&](const std::size_t i, Client& client,
                            std::stop_token stop) -> std::optional<Pending> {
    found[i].capabilities = client.discover(fleet.url(i), std::move(stop));
    return {};
  };
  round.run(discover, [&](const Fleet::News& news) {
    if (!news.failure) found[news.member].component = news.component;
  });
  return found;
}

}  // namespace mplane
