#include "mplane/component/credits.hpp"

#include "mplane/component/detail/credits.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/session/pattern.hpp"

#include <algorithm>
#include <utility>

namespace mplane {
namespace {

std::uint64_t product(const std::uint64_t a, const std::uint64_t b) {
  return a != 0 && b > kAnyPackets / a ? kAnyPackets : a * b;
}

[[noreturn]] void refuse(const std::string& key, const std::string& why) {
  throw Error(ErrorKind::TooMany, "credits/" + key, why);
}

/// Of what there is so much an hour, and when there is room for what is wanted, if ever.
struct Hourly {
  std::uint64_t limit;
  std::uint64_t used;
  std::uint64_t wanted;
  std::optional<std::chrono::minutes> room;
};

[[noreturn]] void refuse_hourly(const std::string& what, const Owner& client, const Hourly& hour) {
  const std::string wants =
      hour.wanted == 1 ? "" : ", and this takes " + std::to_string(hour.wanted);
  const std::string room = hour.room ? "there is room for it in " + to_string(Duration(*hour.room))
                                     : "there never is room for it";
  refuse(what + "-per-hour", mplane::quoted(client) + " has used " + std::to_string(hour.used) +
                                 " of " + std::to_string(hour.limit) + " " + what + " an hour" +
                                 wants + "; " + room);
}

}  // namespace

std::optional<std::uint64_t> packets_of(const Specification& specification, const Instant now) {
  const When scope = specification.when().inner();
  std::uint64_t periods = 1;
  if (!scope.is_singleton()) {
    const auto length = scope.length(now);
    if (!length || *length == kWithoutEnd) return {};
    const auto period = scope.period();
    if (period && *length > *period) {
      periods = static_cast<std::uint64_t>((*length - Duration(1)) / *period) + 1;
    }
  }
  const auto train = specification.schema().find_parameter("train.packets");
  if (!train || !specification.value(*train).has_value()) return periods;
  return product(periods, specification.value(*train).get<std::uint64_t>());
}

namespace detail {

Credits::Credits(CreditOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Service Credits::limited(Service service) {
  if (options_.clients.empty()) return service;
  if (service.admit) {
    throw Error(ErrorKind::Configuration, "credits",
                mplane::quoted(service.capability.label()) + " limits its clients by itself");
  }
  const Packets costs = cost_of(service);
  service.admit = [this, costs](const Owner& client, const Specification& specification) {
    return admit(
        client, specification,
        counts_packets(client) ? costs(client, specification) : std::optional<std::uint64_t>(0));
  };
  service.before = [this, costs, before = std::move(service.before)](const Owner& client,
                                                                     const Specification& run) {
    if (before) before(client, run);
    if (counts_packets(client)) charge(client, costs(client, run));
  };
  return service;
}

/// What a run of a service counts for.
Packets Credits::cost_of(const Service& service) const {
  const auto known = std::find_if(
      options_.costs.begin(), options_.costs.end(),
      [&](const PacketCost& one) { return matches(one.label, service.capability.label()); });
  const std::uint64_t each = known == options_.costs.end() ? 1 : known->packets;
  return [each, packets = service.packets, &clock = clock_](const Owner& client,
                                                            const Specification& specification) {
    auto count = packets ? packets(client, specification) : packets_of(specification, clock.now());
    if (count) count = product(*count, each);
    return count;
  };
}

const Credit* Credits::find(const std::string_view client) const noexcept {
  const auto found = std::find_if(options_.clients.begin(), options_.clients.end(),
                                  [&](const Credit& one) { return matches(one.identity, client); });
  return found == options_.clients.end() ? nullptr : &*found;
}

/// Whether it matters how many they are, which may take a look at all components to know.
bool Credits::counts_packets(const std::string_view client) const noexcept {
  const Credit* const credit = find(client);
  return credit != nullptr && credit->packets_per_hour != kAnyPackets;
}

/// Whose account it is that a client has: his own, or that of all for whom there is none.
const Owner& Credits::holder(const Owner& client) {
  const auto known = accounts_.find(client);
  if (known != accounts_.end()) return known->first;
  if (accounts_.size() >= kClients) {
    const auto now = clock_.steady();
    std::erase_if(accounts_, [&](const auto& entry) {
      return entry.second.specifications.used(now) == 0 && entry.second.packets.used(now) == 0;
    });
  }
  return accounts_.try_emplace(accounts_.size() < kClients ? client : Owner()).first->first;
}

void Credits::check_packets(Account& account, const Credit& credit, const Owner& client,
                            const std::optional<std::uint64_t> packets,
                            const bool starts_now) const {
  if (credit.packets_per_hour == kAnyPackets) return;
  if (!packets) {
    refuse("packets-per-hour", mplane::quoted(client) + " may send " +
                                   std::to_string(credit.packets_per_hour) +
                                   " packets an hour, and a scope without an end has more");
  }
  const auto now = clock_.steady();
  const auto room = account.packets.room_for(*packets, credit.packets_per_hour, now);
  if (room && (!starts_now || *room == std::chrono::minutes(0))) return;
  refuse_hourly("packets", client,
                {credit.packets_per_hour, account.packets.used(now), *packets, room});
}

Admission Credits::admit(const Owner& client, const Specification& specification,
                         const std::optional<std::uint64_t> packets) {
  const Credit* const credit = find(client);
  if (credit == nullptr) return {};
  const auto now = clock_.steady();
  const Lock lock(mutex_);
  const Owner& holder = this->holder(client);
  Account& account = accounts_[holder];
  const auto room = account.specifications.room_for(1, credit->specifications_per_hour, now);
  if (room != std::chrono::minutes(0)) {
    refuse_hourly("specifications", client,
                  {credit->specifications_per_hour, account.specifications.used(now), 1, room});
  }
  check_packets(account, *credit, client, packets, specification.when().is_immediate());
  account.specifications.add(1, now);
  return {credit->measurements, [this, holder, now] { give_back(holder, now); }};
}

void Credits::give_back(const Owner& holder, const HourlyCount::Time then) {
  const Lock lock(mutex_);
  const auto account = accounts_.find(holder);
  if (account != accounts_.end()) account->second.specifications.take_back(1, then);
}

void Credits::charge(const Owner& client, const std::optional<std::uint64_t> packets) {
  const Credit* const credit = find(client);
  if (credit == nullptr) return;
  const Lock lock(mutex_);
  Account& account = accounts_[holder(client)];
  check_packets(account, *credit, client, packets, true);
  account.packets.add(packets.value_or(0), clock_.steady());
}

}  // namespace detail
}  // namespace mplane
