#include "mplane/client/fleet.hpp"

#include "measurement.hpp"
#include "mplane/model/detail/mutex.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <queue>
#include <thread>
#include <utility>

namespace mplane {
namespace detail {

/// What `Fleet` needs of a Pending, beside what everybody may do with it.
struct PendingAccess {
  static Measurement& measurement(Pending& pending) { return *pending.measurement_; }
};

}  // namespace detail

namespace {

using Clock = std::chrono::steady_clock;
using detail::Lock;
using detail::Until;

/// When a member is to be served. The earliest is on top of the queue.
struct Due {
  Clock::time_point at;
  std::size_t member;
  friend bool operator<(const Due& a, const Due& b) noexcept { return a.at > b.at; }
};

struct Member {
  Member(std::string text, ClientOptions options)
      : url(std::move(text)), client(secured(std::move(options), url)) {}

  /// Plain http is for those only that were named so.
  static ClientOptions secured(ClientOptions options, const std::string& url) {
    options.insecure = options.insecure && !Url::parse(url).is_secure();
    return options;
  }

  std::string component() const {
    if (pending && pending->peer()) return name_of_peer(*pending->peer(), pending->url());
    if (!client.offers().empty()) {
      const Offer& offer = client.offers().front();
      return name_of_peer(offer.peer, offer.found_at);
    }
    return Url::parse(url).authority();
  }

  const std::string url;
  Client client;
  std::optional<Pending> pending;
  bool asked = false;
  bool interrupted = false;
  std::size_t results = 0;   // those that are news no more
  std::size_t failures = 0;  // the same
};

}  // namespace

/// A member is in the queue, or in the hands of the one worker that serves it, or has ended. One
/// idle worker at most waits for the time of the first in the queue.
class Fleet::Impl {
 public:
  Impl(std::vector<std::string> urls, const ClientOptions& options, const std::size_t parallel)
      : parallel_(parallel) {
    if (parallel == 0) throw Error(ErrorKind::Configuration, "", "nobody is asked 0 at a time");
    for (std::string& url : urls) {
      members_.push_back(std::make_unique<Member>(std::move(url), options));
    }
  }
  ~Impl() { give_up(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Member& member(const std::size_t i) noexcept { return *members_[i]; }
  std::size_t size() const noexcept { return members_.size(); }

  void ask(Question question) {
    const Lock lock(mutex_);
    if (open_ > 0) throw Error(ErrorKind::Internal, "", "this fleet is being asked already");
    question_ = std::make_shared<const Question>(std::move(question));
    give_up_ = std::stop_source();
    interrupt_ = false;
    news_.clear();
    open_ = members_.size();
    for (std::size_t i = 0; i < members_.size(); ++i) {
      begin(*members_[i]);
      due_.push({Clock::now(), i});
    }
    while (workers_.size() < std::min(parallel_, members_.size())) {
      workers_.emplace_back([this](const std::stop_token& done) {
        while (const auto i = take(done)) serve(*i);
      });
    }
    idle_.notify_all();
  }

  std::optional<News> next(const std::stop_token& stop) {
    Lock lock(mutex_);
    heard_.wait(lock, stop,
                [this]() MPLANE_REQUIRES(mutex_) { return !news_.empty() || open_ == 0; });
    if (news_.empty()) return {};
    News news = std::move(news_.front());
    news_.pop_front();
    return news;
  }

  void interrupt() {
    const Lock lock(mutex_);
    interrupt_ = true;
    hurry();
  }

  void give_up() {
    const std::stop_source stop = [this] {
      const Lock lock(mutex_);
      hurry();
      return give_up_;
    }();
    stop.request_stop();
  }

 private:
  static void begin(Member& member) {
    member.pending.reset();
    member.asked = member.interrupted = false;
    member.results = member.failures = 0;
  }

  static Error given_up(const Member& member) {
    return {ErrorKind::Unavailable, member.url, "not waited for any longer"};
  }

  /// All who wait for their time have it now.
  void hurry() MPLANE_REQUIRES(mutex_) {
    std::priority_queue<Due> now;
    for (; !due_.empty(); due_.pop()) now.push({Clock::now(), due_.top().member});
    due_ = std::move(now);
    alarm_.notify_all();
    idle_.notify_all();
  }

  /// The member to be served now, when there is one; nothing at the end.
  std::optional<std::size_t> take(const std::stop_token& done) {
    Lock lock(mutex_);
    while (!done.stop_requested()) {
      if (due_.empty() || somebody_waits_) {
        idle_.wait(lock, done,
                   [this]() MPLANE_REQUIRES(mutex_) { return !due_.empty() && !somebody_waits_; });
      } else if (const Due first = due_.top(); first.at > Clock::now()) {
        somebody_waits_ = true;
        alarm_.wait_until(lock, done, first.at, [&]() MPLANE_REQUIRES(mutex_) {
          return due_.empty() || due_.top().at < first.at;
        });
        somebody_waits_ = false;
      } else {
        due_.pop();
        if (!due_.empty()) idle_.notify_one();
        return first.member;
      }
    }
    return {};
  }

  void serve(const std::size_t i) {
    Member& member = *members_[i];
    Until until;
    bool stop_it = false;
    std::shared_ptr<const Question> question;
    {
      const Lock lock(mutex_);
      until.stop = give_up_.get_token();
      stop_it = interrupt_;
      question = question_;
    }
    std::optional<Error> failure;
    try {
      step(i, *question, until, stop_it);
    } catch (const Error& error) {
      failure = error;
    } catch (const std::exception& error) {
      failure = Error(ErrorKind::Internal, member.url, error.what());
    }
    tell(i, std::move(failure), until.stop.stop_requested());
  }

  /// One question to one member.
  void step(const std::size_t i, const Question& question, const Until& until, const bool stop_it) {
    Member& member = *members_[i];
    if (until.stop.stop_requested()) throw given_up(member);
    if (!std::exchange(member.asked, true)) {
      if (stop_it)
        throw Error(ErrorKind::Unavailable, member.url, "interrupted before it was asked");
      member.pending = question(i, member.client, until.stop);
    } else if (stop_it && !std::exchange(member.interrupted, true)) {
      detail::PendingAccess::measurement(*member.pending).interrupt(until);
    } else {
      detail::PendingAccess::measurement(*member.pending).ask_again(until);
    }
  }

  /// Passes on what is new of a member, and puts it back into the queue if more can come.
  void tell(const std::size_t i, std::optional<Error> failure, const bool stopped) {
    Member& member = *members_[i];
    std::deque<News> news = news_of(i);
    const bool done = !member.pending || member.pending->is_done();
    if (stopped && !done && !failure) failure = given_up(member);
    const bool ended = failure || done;
    if (ended) {
      news.push_back({i, member.component(), {}, std::move(failure), true});
    }
    const Lock lock(mutex_);
    std::move(news.begin(), news.end(), std::back_inserter(news_));
    if (ended) {
      --open_;
    } else {
      put_back(i);
    }
    heard_.notify_all();
  }

  std::deque<News> news_of(const std::size_t i) {
    Member& member = *members_[i];
    std::deque<News> news;
    if (!member.pending) return news;
    const auto& results = member.pending->results();
    for (; member.results < results.size(); ++member.results) {
      news.push_back({i, member.component(), results[member.results], {}, false});
    }
    const auto& failures = member.pending->failures();
    for (; member.failures < failures.size(); ++member.failures) {
      Error failure(ErrorKind::Failed, member.url, failures[member.failures].message());
      news.push_back({i, member.component(), {}, std::move(failure), false});
    }
    return news;
  }

  void put_back(const std::size_t i) MPLANE_REQUIRES(mutex_) {
    Member& member = *members_[i];
    const bool at_once =
        (interrupt_ && !member.interrupted) || give_up_.get_token().stop_requested();
    due_.push({at_once ? Clock::now()
                       : detail::PendingAccess::measurement(*member.pending).next_question(),
               i});
    (somebody_waits_ ? alarm_ : idle_).notify_one();
  }

  const std::size_t parallel_;
  std::vector<std::unique_ptr<Member>> members_;

  detail::Mutex mutex_;
  detail::Condition idle_;   // a worker without a member to wait for
  detail::Condition alarm_;  // the worker that waits for the first in the queue
  detail::Condition heard_;  // who waits for news
  std::shared_ptr<const Question> question_ MPLANE_GUARDED_BY(mutex_);
  std::priority_queue<Due> due_ MPLANE_GUARDED_BY(mutex_);
  std::deque<News> news_ MPLANE_GUARDED_BY(mutex_);
  std::size_t open_ MPLANE_GUARDED_BY(mutex_) = 0;  // members that have not ended
  bool somebody_waits_ MPLANE_GUARDED_BY(mutex_) = false;
  bool interrupt_ MPLANE_GUARDED_BY(mutex_) = false;
  std::stop_source give_up_ MPLANE_GUARDED_BY(mutex_);

  std::vector<std::jthread> workers_;
};

Fleet::Fleet(std::vector<std::string> urls, const ClientOptions& options,
             const std::size_t parallel)
    : impl_(std::make_unique<Impl>(std::move(urls), options, parallel)) {}

Fleet::~Fleet() = default;

std::size_t Fleet::size() const noexcept { return impl_->size(); }

const std::string& Fleet::url(const std::size_t member) const noexcept {
  return impl_->member(member).url;
}

void Fleet::ask(Question question) { impl_->ask(std::move(question)); }

std::optional<Fleet::News> Fleet::next(std::stop_token stop) { return impl_->next(stop); }

void Fleet::interrupt() { impl_->interrupt(); }

void Fleet::give_up() { impl_->give_up(); }

Client& Fleet::client(const std::size_t member) noexcept { return impl_->member(member).client; }

const std::optional<Pending>& Fleet::pending(const std::size_t member) const noexcept {
  return impl_->member(member).pending;
}

}  // namespace mplane
