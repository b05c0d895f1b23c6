#include "supervisor_link.hpp"

#include "callback.hpp"
#include "mplane/component/detail/registration.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/value.hpp"
#include "written.hpp"

#include <algorithm>
#include <cstdlib>
#include <pthread.h>
#include <utility>

namespace mplane::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kAtOnce = 100ms;  // at the soonest, whatever a callback says
constexpr std::chrono::nanoseconds kForgets = 10s;   // at the soonest (protocol, section 8)

/// What a poll tells of us, for the supervisor's operators; who does not know it ignores it.
std::string poll_query(const Instant now) {
  std::string query = "version=" MPLANE_VERSION "&time=";
  query += std::to_string(now.time_since_epoch().count());
  double load = 0;
  if (::getloadavg(&load, 1) == 1) query += "&load=" + to_string(Value(load));
  return query;
}

/// The options of a client that posts.
HttpClientOptions posting(const LinkSurroundings& around) {
  HttpClientOptions http;
  http.tls = around.tls;
  http.body_bytes = around.options.body_bytes;
  return http;
}

}  // namespace

SupervisorLink::SupervisorLink(SupervisorOptions supervisor, const std::size_t rank,
                               LinkSurroundings around)
    : supervisor_(std::move(supervisor)),
      rank_(rank),
      around_(std::move(around)),
      result_url_(supervisor_.url.resolve(supervisor_.result_path)),
      name_(queue_of(supervisor_.url)),
      courier_(around_.outbox.couriers().add(courier_options())),
      alarm_(around_.clock.make_alarm()),
      back_off_(around_.options.first_retry, around_.options.last_retry, around_.options.seed),
      tls_(around_.tls) {
  around_.outbox.add_supervisor(supervisor_.url, name_);
}

SupervisorLink::~SupervisorLink() {
  stop();
  gate_.close();
}

Courier::Options SupervisorLink::courier_options() {
  return {.queue = name_,
          .peer = supervisor_.url,
          .http = posting(around_),
          .back_off = BackOff(around_.options.first_retry, around_.options.last_retry,
                              around_.options.seed),
          .errand = [this](HttpClient& client) { register_offers(client); }};
}

void SupervisorLink::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void SupervisorLink::cancel() {
  std::shared_ptr<HttpClient> under_way;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    under_way = client_;
  }
  if (under_way != nullptr) under_way->cancel();
  alarm_->ring();
}

void SupervisorLink::stop() {
  cancel();
  if (thread_.joinable()) thread_.join();
}

void SupervisorLink::offers_changed() {
  {
    const Lock lock(mutex_);
    if (!peer_) return;  // it will be told all when it is met
  }
  courier_.run_errand();
}

void SupervisorLink::ranks_changed() {
  {
    const Lock lock(mutex_);
    poll_now_ = true;
  }
  alarm_->ring();
}

void SupervisorLink::use(TlsContext tls) {
  std::shared_ptr<HttpClient> under_way;
  {
    const Lock lock(mutex_);
    tls_ = std::move(tls);
    if (supervisor_.url.is_secure()) under_way = std::exchange(client_, nullptr);
  }
  // The supervisor that holds a poll may be one that is trusted no more.
  if (under_way != nullptr) under_way->cancel();
}

/// The client for the next poll: another one when there are new certificates.
std::shared_ptr<HttpClient> SupervisorLink::client() {
  const Lock lock(mutex_);
  if (stopping_) throw Error(ErrorKind::Unavailable, name_, "stopping");
  if (client_ == nullptr) {
    HttpClientOptions http = posting(around_);
    http.tls = tls_;
    http.read = around_.options.held;
    client_ = std::make_shared<HttpClient>(supervisor_.url, std::move(http));
  }
  return client_;
}

void SupervisorLink::run() {
  ::pthread_setname_np(::pthread_self(), "mplane-link");
  while (true) {
    const Nanoseconds next = turn();
    rest_until(next);
    const Lock lock(mutex_);
    if (stopping_) return;
  }
}

/// Waits for a time, or for somebody who wants the next turn now.
void SupervisorLink::rest_until(const Nanoseconds deadline) {
  while (around_.clock.steady() < deadline) {
    {
      const Lock lock(mutex_);
      if (stopping_ || std::exchange(poll_now_, false)) return;
    }
    alarm_->wait_until(deadline);
  }
}

/// @return when the next turn is.
SupervisorLink::Nanoseconds SupervisorLink::turn() {
  {
    const Lock lock(mutex_);
    poll_now_ = false;
  }
  if (!around_.ranks.serves(rank_)) {
    courier_.run_errand();  // takes back what was registered
    return Alarm::kNever;
  }
  try {
    return poll();
  } catch (const Error& error) {
    return after_failure(error);
  }
}

SupervisorLink::Nanoseconds SupervisorLink::poll() {
  const auto began = around_.clock.steady();
  std::string path = supervisor_.url.resolve(supervisor_.specification_path).path();
  path += (path.find('?') == std::string::npos ? '?' : '&') + poll_query(around_.clock.now());
  const HttpReply reply = client()->get(path);
  const bool none = reply.status == 204 || reply.status == 404;
  const bool unknown = reply.status == 428;
  if (reply.status != 200 && !none && !unknown) {
    asked_ = asked_pause(reply.retry_after);
    throw Error(ErrorKind::Failed, name_, "answers a poll with " + std::to_string(reply.status));
  }
  note_success(began);
  bool must_register = false;
  bool again = false;
  {
    const Lock lock(mutex_);
    if (unknown || peer_ != reply.peer) anew_ = true;
    peer_ = reply.peer;
    must_register = anew_;
    again = unknown_twice_ = unknown && unknown_;
    unknown_ = unknown;
  }
  if (must_register) courier_.run_errand();
  if (again) throw Error(ErrorKind::Failed, name_, "does not know us though we registered");
  back_off_.reset();
  Nanoseconds next = around_.clock.steady() + back_off_.around(supervisor_.interval);
  if (reply.status == 200) next = take(reply);
  // Long before three intervals: the old SDK's forgets after ten seconds, however long they are.
  silence_ = std::max(kForgets, 3 * (next - around_.clock.steady()) / 2);
  return std::max(next, began + kAtOnce);
}

/// Does what the envelope says. @return when to come back.
SupervisorLink::Nanoseconds SupervisorLink::take(const HttpReply& reply) {
  const ErrandList errands = read_errands(reply.body, around_.registry);
  for (const Exception& unreadable : errands.unreadable) {
    log(around_.log, {Severity::Warning,
                      "supervisor",
                      "a message cannot be read",
                      {{"supervisor", name_}, {"reason", unreadable.message()}}});
    answer(unreadable, {name_, result_url_});
  }
  std::optional<Instant> said;
  for (const Message& message : errands.messages) {
    const auto* const specification = message.find<Specification>();
    if (specification != nullptr && is_callback(*specification)) {
      said = next_poll(*specification, around_.clock.now());
    } else {
      perform(reply.peer, message);
    }
  }
  const auto now = around_.clock.steady();
  if (!said) return now + back_off_.around(supervisor_.interval);
  return now + std::max(*said - around_.clock.now(), Duration(0));
}

/// It answered a poll that began then: whether it has forgotten us before is a matter of time. (The
/// old SDK's supervisor does not tell that it has.)
void SupervisorLink::note_success(const Nanoseconds began) {
  if (last_answer_ && began - *last_answer_ > silence_) {
    const Lock lock(mutex_);
    anew_ = true;
  }
  last_answer_ = around_.clock.steady();
  if (failing_since_) {
    log(around_.log,
        {Severity::Info, "supervisor", "can be reached again", {{"supervisor", name_}}});
    courier_.hurry();
  }
  failing_since_.reset();
  if (around_.ranks.report(rank_, false)) around_.ranks_changed();
}

SupervisorLink::Nanoseconds SupervisorLink::after_failure(const Error& error) {
  const auto now = around_.clock.steady();
  {
    const Lock lock(mutex_);
    const bool cut_off_by_us = error.kind() == ErrorKind::Unavailable && client_ == nullptr;
    if (stopping_ || cut_off_by_us) return now;
  }
  if (!failing_since_) {
    failing_since_ = now;
    log(around_.log, {Severity::Warning,
                      "supervisor",
                      "cannot be reached",
                      {{"supervisor", name_}, {"reason", error.what()}}});
  }
  const bool gone = now - *failing_since_ >= around_.options.fail_over;
  if (gone && around_.ranks.report(rank_, true)) around_.ranks_changed();
  return now + std::max(back_off_.after_failure(), std::exchange(asked_, Duration(0)));
}

void SupervisorLink::perform(const Identity& peer, const Message& message) {
  if (const auto* const specification = message.find<Specification>()) {
    return perform(peer, *specification);
  }
  const std::string& owner = peer.text();
  const std::string token = message.token();
  const bool is_interrupt = message.find<Interrupt>() != nullptr;
  around_.dispatcher.dispatch(peer, message, Duration::zero(),
                              gate_.guarded([=, this](const Reply& reply) {
                                // What an interrupted measurement yields is on its way as all it
                                // yields.
                                if (is_interrupt && around_.outbox.follows(owner, token)) return;
                                answer(reply.message, {name_, result_url_});
                              }));
}

/// The specification is given its destination, which survives with it.
void SupervisorLink::perform(const Identity& peer, const Specification& given) {
  const Destination to = destination(given);
  const std::string token = given.token();
  const Specification specification = given.with_token(token).with_link(to_string(to.url));
  const Instant accepted = around_.clock.now();
  around_.dispatcher.dispatch(
      peer, specification, Duration::zero(), gate_.guarded([=, this](const Reply& reply) {
        const bool exported = specification.export_url().has_value();
        const bool is_receipt = reply.message.find<Receipt>() != nullptr;
        const auto* const withdrawal = reply.message.find<Withdrawal>();
        if (withdrawal != nullptr || reply.refusal || exported || is_receipt) {
          answer(reply.message, to);
        }
        if (withdrawal == nullptr && !reply.refusal && !exported) {
          around_.outbox.follow(peer.text(), specification, accepted, to);
        }
      }));
}

/// Where the results of a specification go: to its link, if we may connect to that.
Destination SupervisorLink::destination(const Specification& specification) const {
  const std::string link = specification.link().value_or("");
  const auto to = link.empty() ? std::nullopt : around_.outbox.destination(link);
  // The root of the supervisor's own site means nothing: so it is with the old SDK.
  const bool elsewhere = to && !(to->url.path() == "/" && to->url.same_origin(supervisor_.url));
  if (elsewhere) return *to;
  if (!link.empty() && !to) {
    log(around_.log, {Severity::Debug,
                      "supervisor",
                      "a link leads to where we may not connect: its result goes to who asked",
                      {{"supervisor", name_}, {"link", link}}});
  }
  return {name_, result_url_};
}

/// Posts something that need not survive us.
void SupervisorLink::answer(const Message& message, const Destination& to) {
  const bool here = to.queue == name_;
  courier_.note(here ? to.url.path() : result_url_.path(), written(message, around_.log).json);
}

/// Tells the supervisor what there is that it does not know, and what it knows that is not there.
void SupervisorLink::register_offers(HttpClient& client) {
  Offers known;
  Identity peer;
  bool anew = false;
  {
    const Lock lock(mutex_);
    if (!peer_) return;
    peer = *peer_;
    anew = anew_;
    if (!anew) known = told_;
  }
  const bool serves = around_.ranks.serves(rank_);
  if (anew && !serves) return;
  Offers offers;
  std::vector<Capability> added;  // in the order of offers
  for (const Capability& one : serves ? offers_to(peer) : std::vector<Capability>()) {
    offers.emplace(one.token(), one);
    if (known.erase(one.token()) == 0) added.push_back(one);
  }
  const Offers& gone = known;
  if (!anew && added.empty() && gone.empty()) return;
  const HttpReply reply = client.post(supervisor_.url.resolve(supervisor_.registration_path).path(),
                                      kMediaType, encode(registration(added, gone, anew)));
  note_answers(reply, added.size());
  {
    const Lock lock(mutex_);
    told_ = offers;
    anew_ = !serves;  // who stands by and withdrew is registered anew when it steps in
    poll_now_ = poll_now_ || (anew && !unknown_twice_);
  }
  if (anew) alarm_->ring();
}

std::vector<Capability> SupervisorLink::offers_to(const Identity& peer) const {
  std::vector<Capability> offers = around_.dispatcher.capabilities(peer);
  if (offers.empty()) {
    log(around_.log, {Severity::Warning,
                      "supervisor",
                      "has no role that may use anything here",
                      {{"supervisor", name_}, {"identity", peer.text()}}});
  }
  return offers;
}

Envelope SupervisorLink::registration(const std::vector<Capability>& added, const Offers& gone,
                                      const bool anew) const {
  Envelope envelope;
  for (const Capability& capability : added) envelope.append(capability);
  for (const auto& [token, capability] : gone) envelope.append(Withdrawal::brief(capability));
  if (anew && supervisor_.callback != CallbackForm::None) {
    envelope.append(callback_capability(around_.registry, supervisor_.callback));
  }
  return envelope;
}

void SupervisorLink::note_answers(const HttpReply& reply, const std::size_t registered) const {
  if (reply.status < 200 || reply.status >= 300) {
    throw Error(ErrorKind::Failed, name_,
                "answers a registration with " + std::to_string(reply.status));
  }
  Answers answers;
  try {
    answers = parse_answers(reply.body);
  } catch (const Error& error) {  // it took them all the same
    log(around_.log, {Severity::Warning,
                      "supervisor",
                      "answers a registration with what cannot be read",
                      {{"supervisor", name_}, {"reason", error.what()}}});
  }
  for (const auto& [label, objection] : answers) {
    if (objection.empty() || objection == "Withdrawn") continue;
    log(around_.log, {Severity::Warning,
                      "supervisor",
                      "does not register a capability",
                      {{"supervisor", name_}, {"label", label}, {"reason", objection}}});
  }
  log(around_.log, {Severity::Info,
                    "supervisor",
                    "registered",
                    {{"supervisor", name_}, {"capabilities", std::to_string(registered)}}});
}

}  // namespace mplane::detail
