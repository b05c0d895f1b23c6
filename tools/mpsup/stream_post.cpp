#include "stream_post.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <csignal>
#include <pthread.h>
#include <utility>

namespace mplane::detail {
namespace {

HttpClientOptions http_of(const std::optional<TlsContext>& tls) {
  HttpClientOptions http;
  http.tls = tls;
  http.body_bytes = 64 * 1024;  // nothing of it is read
  return http;
}

void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

StreamPost::StreamPost(Options options)
    : options_(std::move(options)), client_(options_.url, http_of(options_.tls)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

StreamPost::~StreamPost() {
  thread_.request_stop();
  client_.cancel();
}

void StreamPost::write(const std::string& lines) {
  const Lock lock(mutex_);
  waiting_ += lines;
  make_room();
  changed_.notify_all();
}

void StreamPost::run(const std::stop_token& stop) {
  block_all_signals();
  ::pthread_setname_np(::pthread_self(), "mplane-post");
  auto pause = options_.pause;
  for (std::string lines = next(stop); !stop.stop_requested(); lines = next(stop)) {
    const std::string why = post(lines);
    if (stop.stop_requested()) return;
    std::size_t left_out = 0;
    if (why.empty()) {
      pause = options_.pause;
      const Lock lock(mutex_);
      left_out = std::exchange(left_out_, 0);
    } else {
      give_back(std::move(lines));
    }
    note(why, left_out);
    if (why.empty()) continue;
    rest(stop, pause);
    pause = std::min(2 * pause, options_.longest_pause);
  }
}

/// All lines there are, as soon as there are some.
std::string StreamPost::next(const std::stop_token& stop) {
  Lock lock(mutex_);
  changed_.wait(lock, stop, [this]() MPLANE_REQUIRES(mutex_) { return !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

/// @return why the lines are not there; nothing when they are.
std::string StreamPost::post(const std::string& lines) {
  try {
    const HttpReply reply = client_.post(options_.url.path(), "application/x-ndjson", lines);
    const bool is_taken = reply.status >= 200 && reply.status < 300;
    return is_taken ? "" : "it answers " + std::to_string(reply.status);
  } catch (const Error& error) {
    return error.what();
  }
}

void StreamPost::rest(const std::stop_token& stop, const std::chrono::milliseconds pause) {
  Condition nothing;
  Lock lock(mutex_);
  nothing.wait_for(lock, stop, pause, [] { return false; });
}

/// They come before those that came meanwhile.
void StreamPost::give_back(std::string lines) {
  const Lock lock(mutex_);
  waiting_.insert(0, lines);
  make_room();
}

/// The oldest go, by whole lines.
void StreamPost::make_room() {
  if (waiting_.size() <= options_.most_waiting) return;
  const std::size_t too_many = waiting_.size() - options_.most_waiting;
  const std::size_t end = std::min(waiting_.find('\n', too_many - 1), waiting_.size() - 1) + 1;
  const auto last = waiting_.begin() + static_cast<std::ptrdiff_t>(end);
  left_out_ += static_cast<std::size_t>(std::count(waiting_.begin(), last, '\n'));
  waiting_.erase(0, end);
}

void StreamPost::note(const std::string& why, const std::size_t left_out) {
  const std::string url = to_string(options_.url);
  if (left_out > 0) {
    log(options_.log, {Severity::Warning,
                       "stream",
                       "a server was away too long: the store alone has some results",
                       {{"url", url}, {"results", std::to_string(left_out)}}});
  }
  if (std::exchange(failing_, !why.empty()) == failing_) return;
  LogRecord record{Severity::Info, "stream", "results are streamed again", {{"url", url}}};
  if (failing_) {
    record = {
        Severity::Error, "stream", "results are not streamed", {{"url", url}, {"reason", why}}};
  }
  log(options_.log, record);
}

}  // namespace mplane::detail
