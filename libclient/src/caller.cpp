#include "caller.hpp"

#include "answer.hpp"
#include "mplane/client/offer.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How long after its scope the results of a repeated specification are asked for.
constexpr Duration kLastRuns = 60s;

/// After so long a specification is taken to be there, though it may not be answered for a while.
constexpr Duration kOnItsWay = 200ms;

bool may_pass(const ErrorKind kind) {
  return kind == ErrorKind::Unreachable || kind == ErrorKind::TimedOut ||
         kind == ErrorKind::Unavailable || kind == ErrorKind::TooMany;
}

bool is_out_of_reach(const ErrorKind kind) {
  return kind == ErrorKind::Unreachable || kind == ErrorKind::TimedOut;
}

/// Whether no more runs can come.
bool is_over(const Specification& specification) {
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  if (!specification.when().is_repeated()) return false;
  const Time end = specification.when().interval(now).end;
  return end.is_definite() && end.instant() + kLastRuns < now;
}

/// The answer as one about what was asked; nothing when it is about something else, or none.
std::optional<Message> about(const Specification& asked, const Message& answer) {
  const std::string token = asked.token();
  if (const auto* const result = answer.find<Result>()) {
    if (result->has_token() && result->token() != token) return {};
    return Result(*result).with_token(token);
  }
  if (const auto* const receipt = answer.find<Receipt>()) {
    if (receipt->has_token() && receipt->token() != token) return {};
    return Receipt(asked);
  }
  const auto* const envelope = answer.find<Envelope>();
  if (envelope == nullptr || envelope->token.value_or(token) != token) return {};
  Envelope runs = *envelope;
  runs.token = token;
  return runs;
}

}  // namespace

Caller::Caller(Url url, Options options, CallerHost& host, TaskPool& pool)
    : url_(std::move(url)),
      interval_(options.interval),
      host_(host),
      pool_(pool),
      log_(options.client.log),
      looks_(SteadyClock::now(), {}, interval_),
      options_(std::make_shared<const ClientOptions>(std::move(options.client))) {}

void Caller::start() {
  pool_.now([this] { look(0); });
}

void Caller::cancel() { stop_.request_stop(); }

void Caller::use(TlsContext tls) {
  std::vector<std::unique_ptr<Line>> closed;  // when the lock is free
  const Lock lock(mutex_);
  ClientOptions options = *options_;
  options.tls = std::move(tls);
  options_ = std::make_shared<const ClientOptions>(std::move(options));
  closed.swap(idle_);
}

/// Each look has the next one follow; one that comes sooner makes that void.
void Caller::look(const unsigned round) {
  {
    const Lock lock(mutex_);
    if (looking_ || round != look_round_) return;
    looking_ = true;
  }
  const TimePoint next = look_once();
  const Lock lock(mutex_);
  looking_ = false;
  pool_.at(next, [this, round = ++look_round_] { look(round); });
}

/// Something says that it is not what it was. Whether one that is out of reach is back is looked at
/// in any case.
void Caller::look_now() {
  const Lock lock(mutex_);
  if (looking_ || !in_reach_) return;
  pool_.now([this, round = ++look_round_] { look(round); });
}

/// @return when to look again.
Caller::TimePoint Caller::look_once() {
  const auto options = [&] {
    const Lock lock(mutex_);
    return options_;
  }();
  if (looker_ == nullptr || looker_->options != options) looker_ = std::make_unique<Line>(options);
  try {
    looker_->peers.believe(url_);
    reached(crawl(looker_->peers, url_, {stop_.get_token()}));
  } catch (const Error& error) {
    const Duration pause = looker_->peers.asked_pause();
    looker_.reset();  // the next may find somebody else there
    return failed(error, pause);
  }
  looks_ = Patience(SteadyClock::now(), {}, interval_);
  return SteadyClock::now() + interval_;
}

void Caller::reached(const Findings& found) {
  const std::string component = name_of_peer(found.peer, url_);
  const std::vector<Capability> all = capabilities(found);
  std::map<std::string, Url> links;
  for (const Capability& one : all) links.emplace(one.label(), Url::parse(*one.link()));
  std::stop_source before;
  std::vector<std::unique_ptr<Line>> closed;
  std::map<std::string, std::deque<Turn>> turns;
  bool is_news = false;
  {
    const Lock lock(mutex_);
    is_news = !std::exchange(in_reach_, true);
    if (component != component_) {  // what was asked of another waits until that is back
      is_news = true;
      before = std::exchange(gone_, std::stop_source());
      awaits_ = false;
      turns.swap(waiting_);
      closed.swap(idle_);
      most_lines_ = kLines;
    }
    component_ = component;
    peer_ = found.peer;
    links_.swap(links);
    call_waiting();
  }
  before.request_stop();
  turn_all(turns);
  if (is_news) note(Severity::Info, "a component is in reach", component);
  offer(component, all);
}

/// Each finds out whether it still has to wait, and for whom.
void Caller::turn_all(const std::map<std::string, std::deque<Turn>>& turns) {
  for (const auto& [component, some] : turns) {
    for (const Turn& turn : some) {
      pool_.now([this, turn] { this->turn(turn); });
    }
  }
}

/// Offers what it offers, and waits for what it is to be asked.
void Caller::offer(const std::string& component, const std::vector<Capability>& all) {
  try {
    host_.offer(component, to_string(url_), all);
  } catch (const Error& error) {
    // It may have been taken before: what it was asked then it is asked on.
    return stop_awaiting("a component is not taken", error);
  }
  std::stop_token gone;
  {
    const Lock lock(mutex_);
    trouble_.clear();
    if (std::exchange(awaits_, true)) return;
    gone = gone_.get_token();
  }
  await(component, gone);
}

/// Those that it may be asked for at its own site: a link elsewhere is nothing that it can promise.
std::vector<Capability> Caller::capabilities(const Findings& found) const {
  std::vector<Capability> all;
  for (const Offer& offer : found.offers) {
    if (Url::parse(*offer.capability.link()).same_origin(url_)) {
      all.push_back(offer.capability);
    } else {
      note(Severity::Warning, "a capability leads elsewhere, and is left out",
           offer.capability.label());
    }
  }
  return all;
}

Caller::TimePoint Caller::failed(const Error& error, const Duration pause) {
  const auto now = SteadyClock::now();
  looks_.asked(now);
  const TimePoint next = std::max(looks_.next(), now + pause);
  if (stop_.stop_requested()) return next;
  {
    const Lock lock(mutex_);
    in_reach_ = false;
  }
  stop_awaiting("a component cannot be reached", error);
  return next;
}

/// It gets nothing to do for now; why is said once.
void Caller::stop_awaiting(const std::string& what, const Error& error) {
  std::stop_source gone;
  bool is_news = false;
  {
    const Lock lock(mutex_);
    awaits_ = false;
    gone = std::exchange(gone_, std::stop_source());
    is_news = trouble_ != error.what();
    trouble_ = error.what();
  }
  gone.request_stop();
  if (is_news) note(Severity::Warning, what, error.what());
}

/// Goes on only with what was begun: after an end there may be a new beginning.
void Caller::await(const std::string& component, const std::stop_token& gone) {
  {
    const Lock lock(mutex_);
    if (gone != gone_.get_token()) return;
  }
  host_.await(
      component, to_string(url_),
      [this, component, gone](const std::optional<Envelope>& envelope) {
        pool_.now([this, component, gone, envelope] { asked(component, gone, envelope); });
      },
      gone);
}

void Caller::asked(const std::string& component, const std::stop_token& gone,
                   const std::optional<Envelope>& envelope) {
  for (const Message& message : envelope ? envelope->messages() : std::vector<Message>()) {
    if (const auto* const one = message.find<Specification>()) begin(component, *one);
    if (message.find<Interrupt>() != nullptr) interrupt(component, message.token());
  }
  if (envelope) return await(component, gone);
  const Lock lock(mutex_);
  if (gone == gone_.get_token()) awaits_ = false;  // until it is offered again
}

void Caller::begin(const std::string& component, const Specification& specification) {
  const Lock lock(mutex_);
  const auto errand =
      std::make_shared<Errand>(Errand{component, specification, Patience(SteadyClock::now())});
  const bool is_new = errands_.emplace(ErrandKey(component, specification.token()), errand).second;
  if (is_new) pool_.now([this, errand] { turn({errand, 0}); });  // else we are at it
}

void Caller::interrupt(const std::string& component, const std::string& token) {
  const Lock lock(mutex_);
  const auto errand = errands_.find(ErrandKey(component, token));
  if (errand == errands_.end()) return;
  errand->second->interrupted = true;
  pool_.now([this, errand = errand->second] { turn({errand, 0, true}); });
}

void Caller::turn(const Turn& turn) {
  const ErrandPointer& errand = turn.errand;
  const bool is_asked = host_.is_asked(errand->component, errand->specification.token());
  if (!is_asked) drop(errand);
  if (!is_asked || is_void(turn)) {  // others may have waited for it
    const Lock lock(mutex_);
    return call_waiting();
  }
  std::unique_ptr<Line> line = lease(turn);
  if (line == nullptr) return;
  std::optional<Message> answer;
  std::optional<Trouble> trouble;
  try {
    answer = line->peers.ask(*errand->to, message_of(turn), {stop_.get_token()}).message;
  } catch (const Refusal& refusal) {
    const bool is_about_it = refusal.token() == errand->specification.token();
    trouble =
        Trouble{static_cast<const Error&>(refusal), line->peers.asked_pause(), false, is_about_it};
  } catch (const Error& error) {
    const bool may_be_there = is_out_of_reach(error.kind()) && line->peers.may_have_arrived();
    trouble = Trouble{error, line->peers.asked_pause(), may_be_there, false};
  }
  release(std::move(line), trouble);
  if (trouble) return troubled(turn, *trouble);
  told(turn);
  take(errand, *answer);
}

/// Whether there is nothing to be said any more, since it was said otherwise.
bool Caller::is_void(const Turn& turn) {
  const Lock lock(mutex_);
  Errand& errand = *turn.errand;
  if (turn.is_interrupt && !errand.sent) {
    if (!errand.sending) return errand.interrupt_follows = true;  // or it ends before it is sent
    const TimePoint there = *errand.sending + kOnItsWay;
    const bool is_there = there <= SteadyClock::now();
    if (!is_there) pool_.at(there, [this, turn] { this->turn(turn); });
    return !is_there;
  }
  if (turn.is_interrupt) return false;
  if (turn.round != errand.round) return true;
  if (errand.sent || errand.may_be_there || !errand.interrupted) return false;
  pool_.now([this, errand = turn.errand] { fail(errand, "interrupted before it was asked"); });
  return true;
}

/// A connection; none when it is not the errand's turn yet, which then waits for it.
std::unique_ptr<Caller::Line> Caller::lease(const Turn& turn) {
  const Lock lock(mutex_);
  Errand& errand = *turn.errand;
  if (!in_reach_ || errand.component != component_ || lines_ >= most_lines_) {
    waiting_[errand.component].push_back(turn);
    return nullptr;
  }
  ++lines_;
  if (!errand.to) {
    const auto link = links_.find(errand.specification.label());
    errand.to = link == links_.end() ? url_.resolve("/") : link->second;
  }
  if (!idle_.empty()) {
    auto line = std::move(idle_.back());
    idle_.pop_back();
    return line;
  }
  auto line = std::make_unique<Line>(options_, peer_);
  line->peers.believe(url_);
  line->peers.expect(url_, peer_);
  return line;
}

void Caller::release(std::unique_ptr<Line> line, const std::optional<Trouble>& trouble) {
  const Lock lock(mutex_);
  --lines_;
  const auto ended = trouble ? std::optional(trouble->error.kind()) : std::nullopt;
  if (ended == ErrorKind::TimedOut) {
    most_lines_ = 1;  // others are not to wait for threads that wait for it
  } else if (ended != ErrorKind::Unreachable) {
    most_lines_ = kLines;
  }
  if (line->options == options_ && line->peer == peer_) idle_.push_back(std::move(line));
  call_waiting();
}

/// Has those go on that waited and need not any longer.
void Caller::call_waiting() {
  const auto waiting = waiting_.find(component_);
  if (!in_reach_ || waiting == waiting_.end()) return;
  std::deque<Turn>& turns = waiting->second;
  for (std::size_t used = lines_; used < most_lines_ && !turns.empty(); ++used) {
    pool_.now([this, turn = turns.front()] { this->turn(turn); });
    turns.pop_front();
  }
  if (turns.empty()) waiting_.erase(waiting);
}

Message Caller::message_of(const Turn& turn) {
  const Specification& asked = turn.errand->specification;
  if (turn.is_interrupt) return Interrupt::of(asked.token(), asked.verb());
  const Lock lock(mutex_);
  if (turn.errand->sent) return Redemption::of(asked.token(), asked.verb());
  turn.errand->sending = SteadyClock::now();
  return asked.with_link({});
}

/// It has what it was sent.
void Caller::told(const Turn& turn) {
  const Lock lock(mutex_);
  Errand& errand = *turn.errand;
  if (turn.is_interrupt) {
    errand.patience = Patience(SteadyClock::now());
  } else if (!std::exchange(errand.sent, true)) {
    errand.patience = patience_for(errand.specification);
    if (!errand.interrupt_follows) return;
    pool_.now([this, errand = turn.errand] { this->turn({errand, 0, true}); });
  }
}

void Caller::troubled(const Turn& turn, const Trouble& trouble) {
  if (stop_.stop_requested()) return;
  const ErrorKind kind = trouble.error.kind();
  bool is_final = false;
  {
    const Lock lock(mutex_);
    is_final = this->is_final(turn, trouble);
    if (!turn.is_interrupt) {
      Errand& errand = *turn.errand;
      errand.may_be_there = errand.may_be_there || trouble.may_be_there;
      errand.sending.reset();
    }
  }
  if (is_final) return fail(turn.errand, trouble.error.message());
  if (is_out_of_reach(kind)) look_now();
  if (!turn.is_interrupt) return go_on(turn.errand, trouble.pause);
  pool_.at(SteadyClock::now() + std::max<Duration>(trouble.pause, Patience::kLongest),
           [this, turn] { this->turn(turn); });
}

/// Whether it is of no use to ask again: also where the component took so much that it takes no
/// more, and does not say when it would.
bool Caller::is_final(const Turn& turn, const Trouble& trouble) const {
  const bool is_full = trouble.error.kind() == ErrorKind::TooMany && trouble.is_about_it &&
                       trouble.pause == Duration(0);
  return !may_pass(trouble.error.kind()) || (is_full && !turn.is_interrupt && !turn.errand->sent);
}

void Caller::take(const ErrandPointer& errand, const Message& answer) {
  if (answer.find<Withdrawal>() != nullptr) {
    look_now();
    return fail(errand, "it is not offered any more");
  }
  auto message = about(errand->specification, answer);
  if (!message) {
    return fail(errand, "the answer is no result of what was asked, but of kind " +
                            mplane::quoted(answer.kind()) + " or about something else");
  }
  host_.take(errand->component, *std::move(message),
             [this, errand](const std::optional<Error>& why_not) {
               const bool is_wrong = why_not && why_not->kind() != ErrorKind::Unavailable;
               if (is_wrong) return fail(errand, why_not->message());
               go_on(errand);
             });
}

/// There is no result, and will be none.
void Caller::fail(const ErrandPointer& errand, const std::string& why) {
  host_.take(errand->component, Exception(errand->specification.token(), why),
             [this, errand, why](const std::optional<Error>& why_not) {
               if (!why_not || why_not->kind() != ErrorKind::Unavailable) return drop(errand);
               pool_.at(SteadyClock::now() + 1s, [this, errand, why] { fail(errand, why); });
             });
}

/// Asks again later, unless all is said.
void Caller::go_on(const ErrandPointer& errand, const Duration pause) {
  const bool is_wanted = host_.is_asked(errand->component, errand->specification.token());
  if (!is_wanted || is_over(errand->specification)) return drop(errand);
  const auto now = SteadyClock::now();
  TimePoint next;
  unsigned round = 0;
  {
    const Lock lock(mutex_);
    next = std::max(errand->patience.next(), now + pause);
    errand->patience.asked(next);
    round = ++errand->round;
  }
  pool_.at(next, [this, errand, round] { turn({errand, round}); });
}

void Caller::drop(const ErrandPointer& errand) {
  const Lock lock(mutex_);
  const auto found = errands_.find(ErrandKey(errand->component, errand->specification.token()));
  if (found != errands_.end() && found->second == errand) errands_.erase(found);
}

void Caller::note(const Severity severity, std::string what, const std::string& reason) const {
  const bool is_good = severity == Severity::Info;
  log(log_, {severity,
             "calls",
             std::move(what),
             {{"url", to_string(url_)}, {is_good ? "component" : "reason", reason}}});
}

}  // namespace mplane::detail
