#include "courier.hpp"

#include "mplane/model/error.hpp"
#include "mplane/session/http.hpp"

#include <pthread.h>
#include <utility>

// What the status of an answer means for what was posted:
//
//     2xx                      it has it
//     400 406 413 415 422      it will never take it: dropped
//     428                      we are not registered: after the errand, again
//     everything else          not now: others first, then again, with back-off

namespace mplane::detail {
namespace {

constexpr std::size_t kMostNotes = 10'000;

constexpr bool is_final(const int status) noexcept {
  return status == 400 || status == 406 || status == 413 || status == 415 || status == 422;
}

}  // namespace

Courier::Courier(Options options, Spool& spool, const Clock& clock, const LogSink& log)
    : queue_(std::move(options.queue)),
      peer_(std::move(options.peer)),
      errand_(std::move(options.errand)),
      spool_(spool),
      clock_(clock),
      log_(log),
      complaints_(log),
      alarm_(clock.make_alarm()),
      back_off_(std::move(options.back_off)),
      http_(std::move(options.http)),
      client_(std::make_shared<HttpClient>(peer_, http_)) {}

Courier::~Courier() { stop(); }

void Courier::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Courier::note(std::string path, std::string body) {
  {
    const Lock lock(mutex_);
    if (notes_.size() >= kMostNotes) notes_.pop_front();
    notes_.push_back({std::move(path), std::move(body)});
  }
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
    not_before_ = std::chrono::nanoseconds(0);
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
      const bool may = clock_.steady() >= not_before_;
      if (woken_ && may) {
        woken_ = false;
        return true;
      }
      if (!may) until = not_before_;
    }
    alarm_->wait_until(until);
  }
}

/// Sends all there is, as far as the peer takes it.
void Courier::work() {
  try {
    const auto client = this->client();
    while (do_errand(*client) || send_note(*client) || send_item(*client)) succeeded();
    settle(true);
  } catch (const Error& error) {
    failed(error);
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
  return true;
}

bool Courier::send_note(HttpClient& client) {
  Note note;
  {
    const Lock lock(mutex_);
    if (notes_.empty()) return false;
    note = notes_.front();
  }
  // One that is not taken is gone: it would keep those behind it, and is worth less than they.
  judge(client.post(note.path, kMediaType, std::move(note.body)), note.path);
  const Lock lock(mutex_);
  notes_.pop_front();
  return true;
}

bool Courier::send_item(HttpClient& client) {
  const auto item = spool_.next(queue_);
  if (!item) return false;
  const std::string path = Url::parse(item->url).path();
  const HttpReply reply = client.post(path, kMediaType, item->body);
  switch (judge(reply, path)) {
    case Verdict::Taken:
      spool_.delivered(*item);
      break;
    case Verdict::Never:
      spool_.refused(*item);
      break;
    case Verdict::NotNow:
      spool_.put_back(*item);
      throw Error(ErrorKind::Failed, item->url, "answered " + std::to_string(reply.status));
  }
  return true;
}

Courier::Verdict Courier::judge(const HttpReply& reply, const std::string& path) {
  if (reply.status >= 200 && reply.status < 300) return Verdict::Taken;
  if (reply.status == 428 && errand_) {
    const Lock lock(mutex_);
    errand_wanted_ = true;
  }
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
  return never ? Verdict::Never : Verdict::NotNow;
}

void Courier::settle(const bool settled) {
  {
    const Lock lock(mutex_);
    settled_ = settled && !woken_;
  }
  changed_.notify_all();
}

void Courier::succeeded() {
  back_off_.reset();
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
    not_before_ = clock_.steady() + back_off_.after_failure();
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
