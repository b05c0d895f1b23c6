#include "result_stream.hpp"

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/detail/thread_signals.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/tools/unix_socket.hpp"
#include "stream_post.hpp"
#include "stream_sinks.hpp"

#include <algorithm>
#include <deque>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/eventfd.h>
#include <thread>
#include <utility>

namespace mplane {
using detail::Lock;

class ResultStream::Impl {
 public:
  Impl(const std::vector<StreamTarget>& targets, Registry registry, LogSink log,
       StreamLimits limits, ResultSummaries* summaries);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void add(const KeptResult& kept) MPLANE_EXCLUDES(mutex_);
  void use(const TlsContext& tls);

 private:
  struct Batch {
    std::vector<KeptResult> results;
    std::size_t bytes = 0;
    std::size_t left_out = 0;
    bool is_last = false;
  };

  void run();
  void wait();
  void write(const Batch& batch);
  std::string line_of(const KeptResult& kept);
  Batch next() MPLANE_EXCLUDES(mutex_);

  const Registry registry_;
  const LogSink log_;
  const StreamLimits limits_;
  ResultSummaries* const summaries_;
  const FileDescriptor bell_;
  std::deque<detail::StreamFile> files_;  // these two of the thread
  std::deque<detail::StreamSocket> sockets_;
  std::deque<detail::StreamPost> posts_;  // as many as at the start
  detail::Mutex mutex_;
  Batch waiting_ MPLANE_GUARDED_BY(mutex_);
  std::thread thread_;
};

ResultStream::Impl::Impl(const std::vector<StreamTarget>& targets, Registry registry, LogSink log,
                         const StreamLimits limits, ResultSummaries* const summaries)
    : registry_(std::move(registry)),
      log_(std::move(log)),
      limits_(limits),
      summaries_(summaries),
      bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  for (const StreamTarget& target : targets) {
    if (target.url) {
      posts_.emplace_back(detail::StreamPost::Options{
          .url = *target.url, .tls = target.tls, .most_waiting = limits.for_reader, .log = log_});
    } else if (target.is_socket) {
      sockets_.emplace_back(target.path, limits.readers, limits.for_reader, log_);
    } else {
      files_.emplace_back(target.path, log_);
    }
  }
  thread_ = std::thread([this] { run(); });
}

ResultStream::Impl::~Impl() {
  {
    const Lock lock(mutex_);
    waiting_.is_last = true;
  }
  ::eventfd_write(bell_.number(), 1);
  thread_.join();
}

void ResultStream::Impl::add(const KeptResult& kept) {
  if (kept.schema.empty()) return;
  constexpr std::size_t kDecoded = 3;  // as large as its text, about
  const std::size_t bytes = kept.message.size() * (kept.decoded ? kDecoded : 1);
  {
    const Lock lock(mutex_);
    if (waiting_.bytes + bytes > limits_.waiting) {
      ++waiting_.left_out;
      return;
    }
    waiting_.bytes += bytes;
    waiting_.results.push_back({.component = kept.component,
                                .label = kept.label,
                                .token = kept.token,
                                .message = kept.decoded ? std::string() : kept.message,
                                .decoded = kept.decoded});
    if (waiting_.results.size() > 1) return;  // it was told
  }
  ::eventfd_write(bell_.number(), 1);
}

void ResultStream::Impl::use(const TlsContext& tls) {
  for (auto& post : posts_) post.use(tls);
}

ResultStream::Impl::Batch ResultStream::Impl::next() {
  eventfd_t rings = 0;
  ::eventfd_read(bell_.number(), &rings);
  Batch batch;
  const Lock lock(mutex_);
  std::swap(batch, waiting_);
  return batch;
}

void ResultStream::Impl::run() {
  detail::block_all_signals();
  ::pthread_setname_np(::pthread_self(), "mplane-stream");
  for (bool is_last = false; !is_last;) {
    wait();
    const Batch batch = next();
    write(batch);
    is_last = batch.is_last;
  }
}

/// Until there is something to write, somebody to let in, or a reader takes more.
void ResultStream::Impl::wait() {
  std::vector<pollfd> all{{bell_.number(), POLLIN, 0}};
  for (const auto& socket : sockets_) socket.watch(all);
  const bool rests =
      std::any_of(sockets_.begin(), sockets_.end(), [](const auto& one) { return one.rests(); });
  if (::poll(all.data(), all.size(), rests ? static_cast<int>(kAcceptPause.count()) : -1) < 0) {
    return;
  }
  for (auto& socket : sockets_) socket.serve();
}

void ResultStream::Impl::write(const Batch& batch) {
  if (batch.left_out > 0) {
    log(log_, {Severity::Warning,
               "stream",
               "results come faster than they can be read: the store alone has some",
               {{"results", std::to_string(batch.left_out)}}});
  }
  std::string lines;
  for (const KeptResult& kept : batch.results) lines += line_of(kept);
  if (lines.empty()) return;
  for (auto& file : files_) file.write(lines);
  for (auto& socket : sockets_) socket.write(lines);
  for (auto& post : posts_) post.write(lines);
}

/// As it is exported, nothing when nobody reads it; the summaries learn of it.
std::string ResultStream::Impl::line_of(const KeptResult& kept) try {
  const Message message = kept.decoded ? *kept.decoded : decode(kept.message, registry_);
  const auto* const result = message.find<Result>();
  if (result == nullptr) return {};
  if (summaries_ != nullptr) summaries_->add(kept, *result);
  const bool has_readers = !files_.empty() || !sockets_.empty() || !posts_.empty();
  return has_readers ? export_json(*result, kept.component) + "\n" : std::string();
} catch (const Error& error) {
  log(log_, {Severity::Warning,
             "stream",
             "a result cannot be read",
             {{"component", kept.component}, {"reason", error.what()}}});
  return {};
}

ResultStream::ResultStream(const std::vector<StreamTarget>& targets, Registry registry, LogSink log,
                           const StreamLimits limits, ResultSummaries* const summaries)
    : impl_(std::make_unique<Impl>(targets, std::move(registry), std::move(log), limits,
                                   summaries)) {}

ResultStream::~ResultStream() = default;

void ResultStream::add(const KeptResult& kept) { impl_->add(kept); }

void ResultStream::use(const TlsContext& tls) { impl_->use(tls); }

}  // namespace mplane
