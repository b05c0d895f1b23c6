#include "mplane/supervisor/supervision.hpp"

#include "chooser.hpp"
#include "gathering.hpp"
#include "merge.hpp"
#include "mplane/component/credits.hpp"
#include "mplane/model/detail/md5.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/session/pattern.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/supervisor/composition.hpp"
#include "mplane/supervisor/repository.hpp"
#include "offers.hpp"
#include "question.hpp"
#include "question_tokens.hpp"
#include "recovery.hpp"
#include "relay_label.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::Answer;
using detail::Asked;
using detail::Offered;
using detail::Part;

Instant today() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

/// Ends the run with what was made of an answer; what that throws is the run's failure.
template <typename Make>
void complete(Completion& completion, const Make& make) {
  try {
    completion(make());
  } catch (const Error& error) {
    completion.fail(error);
  }
}

Result result_of(const Answer& answer, const std::string& component, const Specification& asked) {
  if (const auto* const exception = std::get_if<Exception>(&answer)) {
    throw Error(ErrorKind::Failed, component, exception->message());
  }
  return detail::translated(std::get<Result>(answer), asked);
}

std::set<std::string> labels_of(const std::vector<Composition>& compositions) {
  std::set<std::string> labels;
  for (const Composition& one : compositions) labels.insert(one.label);
  return labels;
}

/// What names an offer below.
std::string name_of(const Registration& registration) {
  return registration.component + '\n' + registration.capability.token() + '\n' +
         registration.capability.label();
}

/// Leaves those that have a result, if there are any.
void drop_failures(std::vector<Part>& parts) {
  const auto has_result = [](const Part& part) {
    return std::holds_alternative<Result>(part.answer);
  };
  if (std::none_of(parts.begin(), parts.end(), has_result)) return;
  std::erase_if(parts, [&](const Part& part) { return !has_result(part); });
}

}  // namespace

class Supervision::Impl {
 public:
  Impl(Component& above, SupervisionOptions options)
      : above_(above),
        relay_(std::move(options.relay)),
        relay_label_(std::move(options.relay_label)),
        compositions_(std::move(options.compositions)),
        patience_(options.patience),
        longest_(options.longest),
        tell_asker_(options.tell_asker),
        tokens_(std::move(options.token_key)),
        registry_(options.below.registry),
        log_(options.below.log),
        recovery_(
            labels_of(compositions_), [this](const JobRecord& record) { go_on(record); },
            [this] { settled(); }),
        below_(watched(std::move(options.below), options.results)) {
    check_compositions(compositions_, registry_);
    if (tell_asker_) registry_.element(SupervisionOptions::kAsker);
  }

  void restore(const JobRecord& record) {
    if (record.state.over) return go_on(record);  // nobody is needed for that
    above_.expect(record);
    recovery_.add(record);
  }
  void start() {
    const detail::SignalsBlocked for_the_threads_made_here;
    below_.start();
    log(log_, {Severity::Info,
               "supervisor",
               "components may register",
               {{"url", to_string(below_.url())}}});
    constexpr Duration kReturn = std::chrono::seconds(5);  // of those who are below
    recovery_.start(std::min(patience_, kReturn));
  }
  void stop() {
    recovery_.stop();
    below_.stop();
  }
  std::vector<Result> ask_all(std::string_view label, const Specification& specification,
                              const std::stop_token& stop);
  std::vector<Registration> registrations() const { return below_.registrations(); }
  const ClientListener& listener() const { return below_; }
  void use(TlsContext tls) { below_.use(std::move(tls)); }
  const Url& url() const noexcept { return below_.url(); }

 private:
  /// What is offered above for a composition.
  struct Composed {
    Capability capability;
    Capability first;  ///< of those it is made of
  };

  ClientListenerOptions watched(ClientListenerOptions below, ResultStore* results);
  detail::Below below() { return {below_, patience_, endless_, tokens_}; }
  void serve(Service service);
  void go_on(const JobRecord& record);
  void settled() MPLANE_EXCLUDES(composing_);
  void changed(const Registration& registration, bool is_offered);
  void relay(const Registration& registration);
  void withdraw_relay(const Registration& registration);
  bool stays(const Composition& composition, const Capability& another) const
      MPLANE_EXCLUDES(composing_);
  bool stays(const Composition& composition) const MPLANE_EXCLUDES(composing_);
  void compose(const Composition& composition) MPLANE_EXCLUDES(composing_);
  Service service(Capability capability, OwnerRun run) const;
  Service service(Capability capability, Offered offered);
  Metadata metadata_for(const Owner& client) const;
  std::optional<std::uint64_t> packets(const Offered& offered, const Owner& client,
                                       const Specification& asked) const;
  void run_relay(const Registration& offer, const Owner& client, const Specification& asked,
                 const std::stop_token& stop, Completion completion);
  void run_composition(const Offered& offered, const Owner& client, const Specification& asked,
                       const std::stop_token& stop, Completion completion);

  Component& above_;
  const std::vector<std::string> relay_;
  const std::string relay_label_;
  const std::vector<Composition> compositions_;
  const Duration patience_;
  const Duration longest_;
  const bool tell_asker_;
  const detail::QuestionTokens tokens_;
  const Registry registry_;
  const LogSink log_;
  detail::Offers offers_;
  detail::Chooser chooser_{offers_};
  // Of the watch alone, which is called for one change at a time.
  std::map<std::string, std::string> relays_;  // token above by who offers what
  mutable detail::Mutex composing_;            // what is composed stays so while this is held
  std::map<std::string, Composed> composed_ MPLANE_GUARDED_BY(composing_);  // by label above
  detail::EndlessQuestions endless_;
  detail::Recovery recovery_;
  ClientListener below_;  // first to go
};

ClientListenerOptions Supervision::Impl::watched(ClientListenerOptions below,
                                                 ResultStore* const results) {
  if (results != nullptr) {
    below.keep = [results](const std::string& component, const Specification& asked,
                           const Message& message, ClientListenerOptions::Then then) {
      try {
        KeptResult kept = kept_result(component, asked.label(), asked.token(), message, today());
        kept.is_only = !asked.when().is_repeated();
        results->keep(std::move(kept), std::move(then));
      } catch (const Error& error) {
        then(error);
      }
    };
  }
  below.watch = [this](const Registration& registration, const bool is_offered) {
    changed(registration, is_offered);
  };
  return below;
}

void Supervision::Impl::changed(const Registration& registration, const bool is_offered) {
  log(log_, {Severity::Info,
             "supervisor",
             is_offered ? "a capability was registered" : "a capability is gone",
             {{"component", registration.component}, {"label", registration.capability.label()}}});
  // What cannot be offered keeps nothing else.
  const auto fenced = [&](const std::string& label, const std::function<void()>& offer) {
    try {
      offer();
    } catch (const Error& error) {
      log(log_,
          {Severity::Warning,
           "supervisor",
           "a capability cannot be offered above",
           {{"component", registration.component}, {"label", label}, {"reason", error.what()}}});
    }
  };
  if (is_offered) {
    offers_.add(registration);
    fenced(registration.capability.label(), [&] { relay(registration); });
  } else {
    offers_.remove(registration);
    withdraw_relay(registration);
    detail::give_up_if_gone(below(), registration.component);
  }
  for (const Composition& one : compositions_) {
    if (!matches(one.of, registration.capability.label())) continue;
    const bool is_settled = is_offered ? stays(one, registration.capability) : stays(one);
    if (!is_settled) fenced(one.label, [&] { compose(one); });
  }
}

void Supervision::Impl::relay(const Registration& registration) {
  const Capability& capability = registration.capability;
  const bool is_wanted = std::any_of(relay_.begin(), relay_.end(), [&](const std::string& pattern) {
    return matches(pattern, capability.label());
  });
  if (!is_wanted || capability.verb() == "collect" || capability.verb() == "store") return;
  const std::string token = detail::md5_hex(capability.label() + '\n' + registration.component) +
                            "-" + capability.statement_hash();
  const Capability offered =
      capability
          .with_label(detail::relay_label(relay_label_, capability.label(), registration.component))
          .with_token(token)
          .with_link({});
  serve(service(offered, [this, registration](const Owner& client, const Specification& asked,
                                              const std::stop_token& stop, Completion completion) {
    run_relay(registration, client, asked, stop, std::move(completion));
  }));
  relays_[name_of(registration)] = token;
}

/// Offers a service above, and goes on with what was accepted for it before.
void Supervision::Impl::serve(Service service) {
  recovery_.offered(above_.serve(std::move(service)).label());
}

/// What waited for components goes on with those that are there.
void Supervision::Impl::settled() {
  const detail::Lock lock(composing_);
  for (const auto& [label, composed] : composed_) recovery_.offered(label);
}

void Supervision::Impl::go_on(const JobRecord& record) {
  try {
    above_.restore(record);
  } catch (const Error& error) {
    log(log_, {Severity::Warning,
               "supervisor",
               "what was accepted before cannot go on",
               {{"label", record.service},
                {"token", record.specification.token()},
                {"reason", error.what()}}});
  }
}

void Supervision::Impl::withdraw_relay(const Registration& registration) {
  const auto relay = relays_.find(name_of(registration));
  if (relay == relays_.end()) return;
  above_.withdraw(relay->second);
  relays_.erase(relay);
}

/// Whether one more capability changes nothing of what is offered.
bool Supervision::Impl::stays(const Composition& composition, const Capability& another) const {
  const detail::Lock lock(composing_);
  const auto known = composed_.find(composition.label);
  return known != composed_.end() && detail::leaves_as_it_is(composition, known->second.capability,
                                                             known->second.first, another);
}

/// Whether one less changes nothing: seen by the first that stays, since thousands may go at once.
bool Supervision::Impl::stays(const Composition& composition) const {
  const detail::Lock lock(composing_);
  const auto known = composed_.find(composition.label);
  if (known == composed_.end()) return false;
  const auto other = offers_.first_of(composition, known->second.first);
  return other && detail::keeps_as_it_is(composition, known->second.capability, other->capability);
}

/// Offers a composition as those who are there now make it.
void Supervision::Impl::compose(const Composition& composition) {
  const detail::Lock lock(composing_);
  const auto offers = offers_.of(composition);
  const auto known = composed_.find(composition.label);
  std::optional<Capability> capability;
  if (!offers.empty()) capability = detail::composed(composition, offers, registry_);
  if (known != composed_.end() && capability && known->second.capability == *capability) return;
  if (known != composed_.end()) {
    above_.withdraw(known->second.capability.token());
    composed_.erase(known);
  }
  if (!capability) return;
  serve(service(*capability, {composition, offers[0].capability}));
  composed_.emplace(composition.label, Composed{*capability, offers[0].capability});
}

Service Supervision::Impl::service(Capability capability, OwnerRun run) const {
  Service service{std::move(capability), std::move(run)};
  service.policy.grace = patience_;
  service.policy.longest = longest_;
  service.policy.resumes = true;
  service.by_label = true;  // components offer the same: which one is meant, the label says
  return service;
}

/// What a client may not choose is refused before it is planned.
Service Supervision::Impl::service(Capability capability, Offered offered) {
  const auto shared = std::make_shared<const Offered>(std::move(offered));
  Service service = this->service(
      std::move(capability), [this, shared](const Owner& client, const Specification& asked,
                                            const std::stop_token& stop, Completion completion) {
        run_composition(*shared, client, asked, stop, std::move(completion));
      });
  service.check = [this, shared](const Owner& client, const Specification& asked) {
    chooser_.check(shared->composition, client, asked);
  };
  service.packets = [this, shared](const Owner& client, const Specification& run) {
    return packets(*shared, client, run);
  };
  return service;
}

/// Of all who would be asked now.
std::optional<std::uint64_t> Supervision::Impl::packets(const Offered& offered, const Owner& client,
                                                        const Specification& asked) const {
  const auto of_each = packets_of(asked, today());
  if (!of_each) return {};
  const std::size_t asks = chooser_.count(offered, client, asked);
  return asks != 0 && *of_each > kAnyPackets / asks ? kAnyPackets : *of_each * asks;
}

Metadata Supervision::Impl::metadata_for(const Owner& client) const {
  if (!tell_asker_) return {};
  return {{SupervisionOptions::kAsker, client}};
}

void Supervision::Impl::run_relay(const Registration& offer, const Owner& client,
                                  const Specification& asked, const std::stop_token& stop,
                                  Completion completion) {
  // Shared because a std::function has to be copyable; it is called once.
  const auto end = std::make_shared<Completion>(std::move(completion));
  detail::ask(below(), offer.component,
              detail::question_for(offer.capability, asked, today(), tokens_.of(end->run(), offer),
                                   {{}, metadata_for(client)}),
              stop, [end, asked, component = offer.component](const Answer& answer) {
                complete(*end, [&] { return result_of(answer, component, asked); });
              });
}

void Supervision::Impl::run_composition(const Offered& offered, const Owner& client,
                                        const Specification& asked, const std::stop_token& stop,
                                        Completion completion) {
  const Composition& composition = offered.composition;
  const detail::Chosen chosen = chooser_.choose(offered, client, asked);
  const auto end = std::make_shared<Completion>(std::move(completion));
  const bool first_counts = composition.answer == Composition::Answer::First;
  const detail::Round round{
      below(), today(), first_counts, composition.split, metadata_for(client), end->run()};
  detail::gather(
      round, chosen.asked, asked, stop,
      [end, composition, asked, first_counts, missing = chosen.missing](std::vector<Part> parts) {
        parts.insert(parts.end(), missing.begin(), missing.end());
        if (first_counts) drop_failures(parts);
        complete(*end, [&] { return detail::merged(composition, asked, parts); });
      });
}

std::vector<Result> Supervision::Impl::ask_all(const std::string_view label,
                                               const Specification& specification,
                                               const std::stop_token& stop) {
  const auto offers = offers_.labelled(label);
  if (offers.empty()) {
    throw Error(ErrorKind::Unavailable, "",
                "no component offers " + mplane::quoted(label) + " now");
  }
  std::vector<Asked> asked;
  asked.reserve(offers.size());
  for (const Registration& offer : offers) asked.push_back({offer});
  const auto gathered = std::make_shared<std::promise<std::vector<Part>>>();
  detail::gather({below(), today()}, asked, specification, stop,
                 [gathered](std::vector<Part> parts) { gathered->set_value(std::move(parts)); });
  std::vector<Result> results;
  const std::vector<Part> parts = gathered->get_future().get();
  for (const Part& part : parts) {
    if (const auto* const result = std::get_if<Result>(&part.answer)) results.push_back(*result);
  }
  const std::string missing = detail::missing_text(parts);
  if (results.empty()) throw Error(ErrorKind::Failed, "", "no component has a result: " + missing);
  if (!missing.empty()) {
    log(log_,
        {Severity::Warning, "supervisor", "some components have no result", {{"why", missing}}});
  }
  return results;
}

Supervision::Supervision(Component& above, SupervisionOptions options) {
  const detail::SignalsBlocked for_the_threads_made_here;
  impl_ = std::make_unique<Impl>(above, std::move(options));
}

Supervision::~Supervision() { stop(); }

void Supervision::restore(const JobRecord& record) { impl_->restore(record); }

void Supervision::start() { impl_->start(); }

void Supervision::stop() { impl_->stop(); }

std::vector<Result> Supervision::ask_all(const std::string_view label,
                                         const Specification& specification,
                                         const std::stop_token& stop) {
  return impl_->ask_all(label, specification, stop);
}

std::vector<Registration> Supervision::registrations() const { return impl_->registrations(); }

std::vector<ComponentView> Supervision::components() const {
  return impl_->listener().components();
}

ComponentCounts Supervision::counts() const { return impl_->listener().counts(); }

void Supervision::use(TlsContext tls) { impl_->use(std::move(tls)); }

const Url& Supervision::url() const noexcept { return impl_->url(); }

}  // namespace mplane
