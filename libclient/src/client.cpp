#include "mplane/client/client.hpp"

#include "crawl.hpp"
#include "measurement.hpp"
#include "mplane/model/detail/random_bytes.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "peers.hpp"
#include "read_plan.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace mplane {
namespace {

Instant now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

bool is_called(const Offer& offer, const std::string_view token_or_label) {
  return offer.capability.token() == token_or_label || offer.capability.label() == token_or_label;
}

/// Why none of the offers accepts it.
Error objection_of(const std::vector<Offer>& offers, const Specification& specification) {
  for (const Offer& offer : offers) {
    if (offer.capability.schema() != specification.schema()) continue;
    if (const auto objection = offer.capability.objection(specification, now())) return *objection;
  }
  return {ErrorKind::Invalid, "specification",
          "no component was found that measures " + mplane::quoted(specification.label()) +
              ", or anything else with its parameters and results"};
}

/// Where it is sent.
Url destination(const Specification& specification, const Capability& capability) {
  if (const auto objection = capability.objection(specification, now())) throw *objection;
  if (!capability.link() || capability.link()->empty()) {
    throw Error(ErrorKind::Invalid, "link", "the capability does not say where to send it");
  }
  return Url::parse(*capability.link());
}

}  // namespace

std::string name_of_peer(const Identity& peer, const Url& url) {
  return peer == Identity() ? url.authority() : peer.text();
}

Client::Client(ClientOptions options)
    : options_(std::move(options)), peers_(std::make_unique<detail::Peers>(options_)) {
  if (!options_.tls && !options_.insecure) {
    throw Error(ErrorKind::Configuration, "",
                "a client needs TLS, or has to say that it wants to be insecure");
  }
}

Client::~Client() = default;

std::vector<Capability> Client::discover(const std::string_view url, std::stop_token stop) {
  const Url page = Url::parse(url);
  peers_->believe(page);
  detail::Findings findings = detail::crawl(*peers_, page, {std::move(stop)});
  for (const auto& [token, peer] : findings.withdrawn) take_out(token, peer);
  std::vector<Capability> capabilities;
  for (Offer& offer : findings.offers) {
    capabilities.push_back(offer.capability);
    take(std::move(offer));
  }
  return capabilities;
}

void Client::adopt(Offer offer) {
  peers_->believe(offer.found_at);
  peers_->expect(offer.found_at, offer.peer);
  take(std::move(offer));
}

void Client::take(Offer offer) {
  const std::string token = offer.capability.token();
  const auto known = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& other) {
    return other.capability.token() == token && other.found_at.same_origin(offer.found_at);
  });
  if (known == offers_.end()) {
    offers_.push_back(std::move(offer));
  } else {
    *known = std::move(offer);
  }
}

void Client::take_out(const std::string& token, const Url& peer) {
  std::erase_if(offers_, [&](const Offer& offer) {
    return offer.capability.token() == token && offer.found_at.same_origin(peer);
  });
}

const Offer* Client::find(const std::string_view token_or_label) const noexcept {
  const auto has_token = [&](const Offer& offer) {
    return offer.capability.token() == token_or_label;
  };
  auto found = std::find_if(offers_.begin(), offers_.end(), has_token);
  if (found == offers_.end()) {
    found = std::find_if(offers_.begin(), offers_.end(), [&](const Offer& offer) {
      return offer.capability.label() == token_or_label;
    });
  }
  return found == offers_.end() ? nullptr : &*found;
}

std::vector<Offer> Client::matching(const Capability& kind) const {
  std::vector<Offer> matching;
  std::copy_if(offers_.begin(), offers_.end(), std::back_inserter(matching),
               [&](const Offer& offer) { return kind.covers(offer.capability); });
  return matching;
}

std::size_t Client::forget(const std::string_view token_or_label) {
  return std::erase_if(offers_,
                       [&](const Offer& offer) { return is_called(offer, token_or_label); });
}

const Capability& Client::capability_for(const Specification& specification) const {
  std::vector<const Offer*> accepting;
  for (const Offer& offer : offers_) {
    if (offer.capability.accepts(specification, now())) accepting.push_back(&offer);
  }
  if (accepting.empty()) throw objection_of(offers_, specification);
  const auto has_label = [&](const Offer* offer) {
    return offer->capability.label() == specification.label();
  };
  if (std::any_of(accepting.begin(), accepting.end(), has_label)) {
    std::erase_if(accepting, [&](const Offer* offer) { return !has_label(offer); });
  }
  const Capability& first = accepting.front()->capability;
  for (const Offer* other : accepting) {
    if (other->capability.link() == first.link()) continue;
    throw Error(ErrorKind::Invalid, "specification",
                "several components can measure " + mplane::quoted(specification.label()) +
                    ", at " + *first.link() + " and at " + *other->capability.link() +
                    "; it has to be said which");
  }
  return first;
}

Specification Client::named(const Specification& specification) {
  if (specification.has_token()) return specification;
  if (specification.is_relative()) {
    return specification.with_fresh_token(now(), detail::random_number<std::uint64_t>());
  }
  return specification.with_token(specification.token());
}

Pending Client::submit(const Specification& specification, std::stop_token stop) {
  return submit(specification, capability_for(specification), std::move(stop));
}

Pending Client::submit(const Specification& specification, const Capability& capability,
                       std::stop_token stop) {
  Url to = destination(specification, capability);
  const Specification asked = named(specification);
  auto measurement =
      std::make_unique<detail::Measurement>(*peers_, std::move(to), asked.token(), asked);
  try {
    measurement->submit({std::move(stop)});
  } catch (const Error&) {
    if (measurement->is_withdrawn()) take_out(capability.token(), measurement->url());
    throw;
  }
  return Pending(std::move(measurement));
}

std::optional<std::vector<ForeseenStart>> Client::foresee(const Specification& specification,
                                                          const Capability& capability,
                                                          std::stop_token stop) {
  const Url to = destination(specification, capability).resolve("/plan");
  const Specification asked = named(specification);
  try {
    const auto answer = peers_->ask(to, asked, {std::move(stop)});
    return detail::read_plan(answer.message, asked.token(), to_string(to));
  } catch (const Error& error) {
    const bool tells_none =
        error.kind() == ErrorKind::Unknown || error.kind() == ErrorKind::NotAllowed;
    if (!tells_none) throw;
    return {};
  }
}

Pending Client::resume(const std::string_view url, std::string token) {
  Url to = Url::parse(url);
  peers_->believe(to);
  return Pending(std::make_unique<detail::Measurement>(*peers_, std::move(to), std::move(token),
                                                       std::nullopt));
}

}  // namespace mplane
