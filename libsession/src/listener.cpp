#include "mplane/session/listener.hpp"

#include "acceptor.hpp"
#include "event_loop.hpp"
#include "mplane/session/url.hpp"

#include <algorithm>
#include <csignal>
#include <pthread.h>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

namespace mplane {
namespace {

using detail::Lock;

void check(const TlsContext& tls) {
  if (!tls.identity()) {
    throw Error(ErrorKind::Configuration, "tls/cert", "a listener needs a certificate and its key");
  }
}

void check(const ListenerOptions& options) {
  if (options.tls) return check(*options.tls);
  if (!options.insecure) {
    throw Error(ErrorKind::Configuration, "tls",
                "TLS is not configured; plain HTTP has to be asked for");
  }
}

/// OpenSSL writes to sockets that may be closed at the other end.
void block_sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

class Listener::Impl {
 public:
  Impl(const ListenerOptions& options, HttpHandler handler);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start();
  void stop();
  std::uint16_t port() const noexcept { return port_; }
  void use(TlsContext tls);
  std::size_t connections() const noexcept { return site_.open; }
  ListenerCounts counts() const { return site_.counts(); }
  bool turns_within(std::chrono::milliseconds at_most) const;

 private:
  enum class State { Bound, Serving, Stopped };

  void take(detail::Descriptor descriptor, std::string remote);
  void request_stop();
  bool is_own_thread() const;
  void serve(detail::EventLoop& loop);

  const bool insecure_;
  detail::Site site_;
  std::vector<std::unique_ptr<detail::EventLoop>> loops_;
  std::uint16_t port_ = 0;
  std::unique_ptr<detail::Acceptor> acceptor_;  ///< on the first loop
  std::size_t next_ = 0;                        ///< loop for the next connection

  mutable detail::Mutex mutex_;
  detail::Condition left_;
  State state_ MPLANE_GUARDED_BY(mutex_) = State::Bound;
  std::size_t running_ MPLANE_GUARDED_BY(mutex_) = 0;  ///< loops that have not ended
  std::vector<std::thread> threads_;                   ///< written by start alone
};

Listener::Impl::Impl(const ListenerOptions& options, HttpHandler handler)
    : insecure_(!options.tls), site_(options, std::move(handler)) {
  check(options);
  detail::Descriptor socket = detail::listen_on(options.address, options.port);
  port_ = detail::port_of(socket);
  const std::size_t count = std::max(options.threads, 1U);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(std::make_unique<detail::EventLoop>(site_, options.limits.handshakes / count));
  }
  acceptor_ =
      std::make_unique<detail::Acceptor>(loops_.front()->context(), std::move(socket), site_,
                                         [this](detail::Descriptor descriptor, std::string remote) {
                                           take(std::move(descriptor), std::move(remote));
                                         });
  if (insecure_) {
    site_.log(Severity::Warning, "plain HTTP: anybody can connect, read along and pretend",
              {{"listen", to_string(HostPort{options.address, port_})}});
  }
}

Listener::Impl::~Impl() {
  stop();
  for (std::thread& thread : threads_) thread.join();
}

void Listener::Impl::start() {
  Lock lock(mutex_);
  if (state_ != State::Bound) return;
  state_ = State::Serving;
  acceptor_->start();
  for (const auto& loop : loops_) {
    threads_.emplace_back([this, &loop] { serve(*loop); });
    ++running_;
  }
}

void Listener::Impl::serve(detail::EventLoop& loop) {
  block_sigpipe();
  loop.run();
  {
    Lock lock(mutex_);
    --running_;
  }
  left_.notify_all();
}

void Listener::Impl::take(detail::Descriptor descriptor, std::string remote) {
  detail::EventLoop& loop = *loops_[next_];
  next_ = (next_ + 1) % loops_.size();
  if (&loop == loops_.front().get()) return loop.adopt(std::move(descriptor), std::move(remote));
  boost::asio::post(loop.context(), [&loop, descriptor = std::move(descriptor),
                                     remote = std::move(remote)]() mutable {
    loop.adopt(std::move(descriptor), std::move(remote));
  });
}

void Listener::Impl::stop() {
  request_stop();
  if (is_own_thread()) return;
  Lock lock(mutex_);
  left_.wait(lock, [this]() MPLANE_REQUIRES(mutex_) { return running_ == 0; });
}

void Listener::Impl::request_stop() {
  State before = State::Stopped;
  {
    Lock lock(mutex_);
    before = std::exchange(state_, State::Stopped);
  }
  if (before == State::Bound) acceptor_->close();
  if (before != State::Serving) return;
  // In this order: from the moment on when nobody can connect, answers say that this is the last.
  for (const auto& loop : loops_) {
    boost::asio::post(loop->context(), [&loop] { loop->drain(); });
  }
  boost::asio::post(loops_.front()->context(), [this] { acceptor_->close(); });
}

bool Listener::Impl::is_own_thread() const {
  return std::any_of(loops_.begin(), loops_.end(),
                     [](const auto& loop) { return loop->mailbox()->is_own_thread(); });
}

bool Listener::Impl::turns_within(const std::chrono::milliseconds at_most) const {
  struct Round {
    detail::Mutex mutex;
    detail::Condition changed;
    std::size_t left MPLANE_GUARDED_BY(mutex) = 0;
  };
  const auto round = std::make_shared<Round>();  // a loop may come round when we are gone
  {
    const Lock lock(mutex_);
    if (state_ != State::Serving) return false;
    const Lock counting(round->mutex);
    round->left = loops_.size();
  }
  for (const auto& loop : loops_) {
    loop->mailbox()->post([round] {
      const Lock lock(round->mutex);
      if (--round->left == 0) round->changed.notify_all();
    });
  }
  Lock lock(round->mutex);
  return round->changed.wait_for(lock, at_most,
                                 [&]() MPLANE_REQUIRES(round->mutex) { return round->left == 0; });
}

void Listener::Impl::use(TlsContext tls) {
  check(tls);
  if (insecure_) {
    throw Error(ErrorKind::Configuration, "tls", "this listener speaks plain HTTP");
  }
  site_.use(std::move(tls));
}

Listener::Listener(const ListenerOptions& options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(options, std::move(handler))) {}

Listener::~Listener() = default;

void Listener::start() { impl_->start(); }

void Listener::stop() { impl_->stop(); }

std::uint16_t Listener::port() const noexcept { return impl_->port(); }

void Listener::use(TlsContext tls) { impl_->use(std::move(tls)); }

std::size_t Listener::connections() const noexcept { return impl_->connections(); }

ListenerCounts Listener::counts() const { return impl_->counts(); }

bool Listener::turns_within(const std::chrono::milliseconds at_most) const {
  return impl_->turns_within(at_most);
}

}  // namespace mplane
