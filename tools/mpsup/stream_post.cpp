#include "stream_post.hpp"

#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/error.hpp"

#include <algorithm>
#include <pthread.h>
#include <string_view>
#include <utility>

namespace mplane::detail {
namespace {

// Bytes in a request, unless one line alone has more: servers limit them, often to a megabyte.
constexpr std::size_t kAtOnce = std::size_t{64} << 10U;

std::shared_ptr<HttpClient> client_of(const Url& url, std::optional<TlsContext> tls) {
  HttpClientOptions http;
  http.tls = std::move(tls);
  return std::make_shared<HttpClient>(url, std::move(http));
}

std::size_t lines_in(const std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

StreamPost::StreamPost(Options options)
    : options_(std::move(options)), client_(client_of(options_.url, options_.tls)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

StreamPost::~StreamPost() {
  thread_.request_stop();
  {
    const Lock lock(mutex_);
    client_->cancel();
    if (posting_) posting_->cancel();
  }
  thread_.join();
  {
    const Lock lock(mutex_);
    left_out_ += lines_in(waiting_);
  }
  note_left_out();
}

void StreamPost::write(const std::string& lines) {
  const Lock lock(mutex_);
  waiting_ += lines;
  make_room();
  changed_.notify_all();
}

void StreamPost::use(TlsContext tls) {
  if (!options_.url.is_secure()) return;
  auto client = client_of(options_.url, std::move(tls));
  const Lock lock(mutex_);
  client_ = std::move(client);
}

void StreamPost::run(const std::stop_token& stop) {
  block_all_signals();
  ::pthread_setname_np(::pthread_self(), "mplane-post");
  auto pause = options_.pause;
  for (std::string lines = next(stop); !stop.stop_requested(); lines = next(stop)) {
    const std::string why = post(lines);
    if (!why.empty()) give_back(lines);
    if (stop.stop_requested()) return;
    note(why);
    if (why.empty()) {
      pause = options_.pause;
      note_left_out();
    } else {
      rest(stop, pause);
      pause = std::min(2 * pause, options_.longest_pause);
    }
  }
}

/// The first of the lines there are, as soon as there are some: what fits into a request.
std::string StreamPost::next(const std::stop_token& stop) {
  Lock lock(mutex_);
  changed_.wait(lock, stop, [this]() MPLANE_REQUIRES(mutex_) { return !waiting_.empty(); });
  if (stop.stop_requested()) return {};
  if (waiting_.size() <= kAtOnce) return std::exchange(waiting_, {});
  std::size_t last = waiting_.rfind('\n', kAtOnce - 1);
  if (last == std::string::npos) last = waiting_.find('\n');
  std::string lines = waiting_.substr(0, last + 1);
  waiting_.erase(0, lines.size());
  return lines;
}

/// @return why the lines are not there; nothing when they are.
std::string StreamPost::post(const std::string& lines) {
  std::shared_ptr<HttpClient> client;
  {
    const Lock lock(mutex_);
    client = posting_ = client_;
  }
  try {
    const HttpReply reply = client->post(options_.url.path(), "application/x-ndjson", lines, "*/*");
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
void StreamPost::give_back(const std::string& lines) {
  const Lock lock(mutex_);
  waiting_.insert(0, lines);
  make_room();
}

/// The oldest go, by whole lines.
void StreamPost::make_room() {
  if (waiting_.size() <= options_.most_waiting) return;
  const std::size_t too_many = waiting_.size() - options_.most_waiting;
  const std::size_t end = std::min(waiting_.find('\n', too_many - 1), waiting_.size() - 1) + 1;
  left_out_ += lines_in(std::string_view(waiting_).substr(0, end));
  waiting_.erase(0, end);
}

void StreamPost::note(const std::string& why) {
  const std::string url = to_string(options_.url);
  if (std::exchange(failing_, !why.empty()) == failing_) return;
  LogRecord record{Severity::Info, "stream", "results are streamed again", {{"url", url}}};
  if (failing_) {
    record = {
        Severity::Error, "stream", "results are not streamed", {{"url", url}, {"reason", why}}};
  }
  log(options_.log, record);
}

void StreamPost::note_left_out() {
  std::size_t left_out = 0;
  {
    const Lock lock(mutex_);
    left_out = std::exchange(left_out_, 0);
  }
  if (left_out == 0) return;
  log(options_.log, {Severity::Warning,
                     "stream",
                     "a server did not take all results: the store alone has some",
                     {{"url", to_string(options_.url)}, {"results", std::to_string(left_out)}}});
}

}  // namespace mplane::detail
