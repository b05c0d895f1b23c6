#include "courier.hpp"

#include "mplane/model/error.hpp"
#include "mplane/session/http.hpp"

#include <algorithm>
#include <pthread.h>
#include <utility>

// What the status of an answer means for what was posted:
//
//     2xx                      it has it
//     400 406 413 415 422      it will never take it: dropped
//     428                      we are not registered: after the errand, again
//     408 425 429 5xx          not now: again, with back-off, or when it says
//     everything else          not this: others first, then again, with back-off

namespace mplane::detail {
namespace {

constexpr std::size_t kMostNotes = 10'000;
constexpr unsigned kMostTries = 10;  // of a note that is answered: it keeps those behind it

constexpr bool is_final(const int status) noexcept {
  return status == 400 || status == 406 || status == 413 || status == 415 || status == 422;
}

/// Whether the whole peer does not take anything now, not what was posted alone.
constexpr bool is_busy(const int status) noexcept {
  return status == 408 || status == 425 || status == 428 || status == 429 || status >= 500;
}

}  // namespace

Courier::Courier(Options options, Spool& spool, const Clock& clock, const LogSink& log)
    : queue_(std::move(options.queue)),
      peer_(std::move(options.peer)),
      errand_(std::move(options.errand)),
      allows_(std::move(options.allows)),
      spool_(spool),
      clock_(clock),
      log_(log),
      complaints_(log),
      alarm_(clock.make_alarm()),
      back_off_(std::move(options.back_off)),
      back_off_aside_(back_off_),
      http_(std::move(options.http)),
      client_(std::make_shared<HttpClient>(peer_, http_)) {}

Courier::~Courier() { stop(); }

void Courier::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Courier::note(std::string path, std::string body) {
  bool is_full = false;
  {
    const Lock lock(mutex_);
    is_full = notes_.size() >= kMostNotes;
    if (is_full) notes_.pop_front();
    notes_.push_back({std::move(path), std::move(body)});
  }
  if (is_full) count_dropped();
  wake();
}

void Courier::run_errand() {
  {
    const Lock lock(mutex_);
    errand_wanted_ = true;
  }
  wake();
}

void Courier::wake() {
  {
    const Lock lock(mutex_);
    woken_ = true;
    settled_ = false;
  }
  alarm_->ring();
}

void Courier::hurry() {
  {
    const Lock lock(mutex_);
    if (!unreachable_) return;
    not_before_ = asked_until_;
  }
  wake();
}

void Courier::use(TlsContext tls) {
  std::shared_ptr<HttpClient> under_way;
  {
    const Lock lock(mutex_);
    http_.tls = std::move(tls);
    if (peer_.is_secure()) under_way = std::exchange(client_, nullptr);
  }
  if (under_way != nullptr) under_way->cancel();
}

void Courier::wait_until_settled(const std::chrono::milliseconds at_most) {
  Lock lock(mutex_);
  changed_.wait_for(lock, at_most,
                    [this]() MPLANE_REQUIRES(mutex_) { return settled_ || unreachable_; });
}

void Courier::cancel() {
  std::shared_ptr<HttpClient> under_way;
  {
    const Lock lock(mutex_);
    stopping_ = true;
    under_way = client_;
  }
  if (under_way != nullptr) under_way->cancel();
  alarm_->ring();
  changed_.notify_all();
}

void Courier::stop() {
  cancel();
  if (thread_.joinable()) thread_.join();
}

/// The client for the next request: another one when there are new certificates.
std::shared_ptr<HttpClient> Courier::client() {
  const Lock lock(mutex_);
  if (stopping_) throw Error(ErrorKind::Unavailable, to_string(peer_), "stopping");
  if (client_ == nullptr) client_ = std::make_shared<HttpClient>(peer_, http_);
  return client_;
}

void Courier::run() {
  ::pthread_setname_np(::pthread_self(), "mplane-courier");
  while (rest()) work();
}

/// Waits until there may be something to do. @return whether that is so; false at the end.
bool Courier::rest() {
  while (true) {
    std::chrono::nanoseconds until = Alarm::kNever;
    {
      const Lock lock(mutex_);
      if (stopping_) return false;
      const auto now = clock_.steady();
      const bool may = now >= not_before_;
      if (may && (woken_ || now >= back_at_)) {
        woken_ = false;
        return true;
      }
      until = may ? back_at_ : not_before_;
    }
    alarm_->wait_until(until);
  }
}

/// Sends all there is, as far as the peer takes it.
void Courier::work() {
  bring_back();
  try {
    const auto client = this->client();
    while (do_errand(*client) || send_note(*client) || send_item(*client)) {
    }
    settle();
  } catch (const Error& error) {
    failed(error);
  }
  leave_until_later();
}

/// Has what is aside tried again when its time has come.
void Courier::bring_back() {
  if (clock_.steady() < back_at_) return;
  spool_.bring_back(queue_);
  is_some_aside_ = false;
  notes_wait_ = false;
  back_at_ = Alarm::kNever;
}

/// Sets that time, for all that is aside together.
void Courier::leave_until_later() {
  if (!is_some_aside_ && !notes_wait_) {
    back_off_aside_.reset();
  } else if (back_at_ == Alarm::kNever) {
    back_at_ = clock_.steady() + back_off_aside_.after_failure();
  }
}

bool Courier::do_errand(HttpClient& client) {
  {
    const Lock lock(mutex_);
    if (!std::exchange(errand_wanted_, false)) return false;
  }
  try {
    errand_(client);
  } catch (...) {
    const Lock lock(mutex_);
    errand_wanted_ = true;
    throw;
  }
  succeeded();
  return true;
}

/// It is out of the queue while it is under way, so that no other is taken for it.
bool Courier::send_note(HttpClient& client) {
  Note note;
  {
    const Lock lock(mutex_);
    if (notes_.empty() || notes_wait_) return false;
    note = std::move(notes_.front());
    notes_.pop_front();
  }
  Verdict verdict = Verdict::NotNow;
  try {
    verdict = judge(client.post(note.path, kMediaType, note.body), note.path);
  } catch (...) {
    put_back(std::move(note));
    throw;
  }
  if (verdict == Verdict::NotNow && ++note.tries < kMostTries) {
    notes_wait_ = true;  // without keeping the results
    put_back(std::move(note));
    if (asked_ > Duration(0)) throw Error(ErrorKind::Failed, queue_, "wants to be left alone");
    return true;
  }
  if (verdict != Verdict::Taken) count_dropped();
  if (verdict == Verdict::Taken || verdict == Verdict::Never) succeeded();
  return true;
}

/// Before the others; the oldest is the first to make way.
void Courier::put_back(Note note) {
  {
    const Lock lock(mutex_);
    if (notes_.size() < kMostNotes) return notes_.push_front(std::move(note));
  }
  count_dropped();
}

/// Tells the log of the first drop, and whenever there are twice as many.
void Courier::count_dropped() {
  std::uint64_t dropped = 0;
  {
    const Lock lock(mutex_);
    dropped = ++dropped_;
  }
  if ((dropped & (dropped - 1)) != 0) return;
  log(log_, {Severity::Warning,
             "courier",
             "answers to a peer are dropped",
             {{"peer", to_string(peer_)}, {"dropped", std::to_string(dropped)}}});
}

/// @return false when none is left that may be tried now.
bool Courier::send_item(HttpClient& client) {
  const auto item = spool_.next(queue_);
  if (!item) return false;
  const Url url = Url::parse(item->url);
  if (allows_ && !allows_(url)) {
    spool_.refused(*item);
    complaints_.add(Identity(queue_), {Severity::Warning,
                                       "courier",
                                       "a result is for where none may go any more: dropped",
                                       {{"url", item->url}}});
    return true;
  }
  const HttpReply reply = client.post(url.path(), kMediaType, item->body);
  const Verdict verdict = judge(reply, url.path());
  if (verdict == Verdict::Taken) {
    spool_.delivered(*item);
  } else if (verdict == Verdict::Never) {
    spool_.refused(*item);
  } else if (verdict == Verdict::NotThis) {
    spool_.set_aside(*item);
    is_some_aside_ = true;
  } else {
    spool_.put_back(*item);
    throw Error(ErrorKind::Failed, item->url, "answered " + std::to_string(reply.status));
  }
  if (verdict != Verdict::NotThis) succeeded();
  return true;
}

Courier::Verdict Courier::judge(const HttpReply& reply, const std::string& path) {
  if (reply.status >= 200 && reply.status < 300) return Verdict::Taken;
  if (reply.status == 428 && errand_) {
    const Lock lock(mutex_);
    errand_wanted_ = true;
  }
  asked_ = is_busy(reply.status) ? asked_pause(reply.retry_after) : Duration(0);
  const bool never = is_final(reply.status);
  constexpr std::size_t kShown = 200;
  complaints_.add(Identity(queue_), {Severity::Warning,
                                     "courier",
                                     never ? "a peer refuses what is for it: dropped"
                                           : "a peer does not take what is for it now",
                                     {{"peer", to_string(peer_)},
                                      {"path", path},
                                      {"status", std::to_string(reply.status)},
                                      {"answer", reply.body.substr(0, kShown)}}});
  if (never) return Verdict::Never;
  return is_busy(reply.status) ? Verdict::NotNow : Verdict::NotThis;
}

void Courier::settle() {
  {
    const Lock lock(mutex_);
    settled_ = !woken_ || clock_.steady() < not_before_;
  }
  changed_.notify_all();
}

void Courier::succeeded() {
  back_off_.reset();
  asked_ = Duration(0);
  {
    const Lock lock(mutex_);
    if (!std::exchange(unreachable_, false)) return;
  }
  log(log_,
      {Severity::Info, "courier", "a peer takes messages again", {{"peer", to_string(peer_)}}});
}

/// Tries again later.
void Courier::failed(const Error& error) {
  bool is_news = false;
  {
    const Lock lock(mutex_);
    if (stopping_) return;
    woken_ = true;
    // New certificates cut it off: with them it is tried at once.
    if (error.kind() == ErrorKind::Unavailable && client_ == nullptr) return;
    const auto now = clock_.steady();
    asked_until_ = now + std::exchange(asked_, Duration(0));
    not_before_ = std::max(asked_until_, now + back_off_.after_failure());
    is_news = !std::exchange(unreachable_, true);
  }
  changed_.notify_all();
  if (!is_news) return;
  log(log_, {Severity::Warning,
             "courier",
             "a peer takes no messages: what is for it waits",
             {{"peer", to_string(peer_)}, {"reason", error.what()}}});
}

}  // namespace mplane::detail
