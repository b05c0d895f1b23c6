#include "mplane/supervisor/repository.hpp"

#include "kept_query.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/json.hpp"
#include "mplane/scheduler/detail/worker_pool.hpp"
#include "mplane/store/result_store.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mplane {

using detail::KeptQuery;
using detail::Lock;

KeptResult kept_result(std::string component, std::string label, std::string token,
                       const Message& message, const Instant now) {
  KeptResult kept{std::move(component), std::move(label), std::move(token), now, now,
                  encode(message)};
  if (const auto* const result = message.find<Result>()) {
    const auto [begin, end] = result->when().interval(now);
    if (begin.is_definite()) kept.begin = begin.instant();
    if (end.is_definite()) kept.end = end.instant();
    kept.schema = result->schema().hash();
    kept.decoded = message;
  }
  return kept;
}

class Repository::Impl {
 public:
  Impl(Component& above, RepositoryOptions options)
      : above_(above), options_(std::move(options)), desk_(options_.most_running) {
    for (const ResultKind& kind : ResultReader(options_.folder).kinds()) {
      if (takes(kind.label, kind.schema)) offer(kind);
    }
  }

  bool takes(const std::string& label, const std::string& schema) MPLANE_EXCLUDES(mutex_);
  void offer(const ResultKind& kind) MPLANE_EXCLUDES(mutex_);
  void withdraw(const std::string& label, const std::string& schema) MPLANE_EXCLUDES(mutex_);
  bool offers(std::string_view label) const MPLANE_EXCLUDES(mutex_);

 private:
  using BySchema = std::map<std::string, std::vector<Capability>>;

  Capability serve(KeptQuery query);
  void answer(const KeptQuery& query, const Specification& asked, const std::stop_token& stop,
              Completion& completion) const;

  Component& above_;
  const RepositoryOptions options_;
  mutable detail::Mutex mutex_;
  // By label and schema, what is offered of it: nothing of what cannot be.
  std::map<std::string, BySchema> kinds_ MPLANE_GUARDED_BY(mutex_);
  std::size_t count_ MPLANE_GUARDED_BY(mutex_) = 0;
  bool is_full_ MPLANE_GUARDED_BY(mutex_) = false;
  detail::WorkerPool desk_;  // first to go
};

/// Whether there is still something to be offered of a kind, which then is in the books.
bool Repository::Impl::takes(const std::string& label, const std::string& schema) {
  {
    const Lock lock(mutex_);
    const auto known = kinds_.find(label);
    if (known != kinds_.end() && known->second.count(schema) > 0) return false;
    if (count_ < options_.most_kinds) {
      ++count_;
      kinds_[label][schema];
      return true;
    }
    if (std::exchange(is_full_, true)) return false;
  }
  log(options_.log, {Severity::Warning,
                     "repository",
                     "there are too many kinds of results: more cannot be queried",
                     {{"label", label}, {"limit", std::to_string(options_.most_kinds)}}});
  return false;
}

void Repository::Impl::offer(const ResultKind& kind) {
  std::vector<Capability> served;
  try {
    const Message message = decode(kind.sample, options_.registry);
    const auto* const sample = message.find<Result>();
    // What came from queries is kept where it was asked from, too: a copy of what others offer.
    if (sample == nullptr || sample->verb() == "query") return;
    for (const bool by_component : {false, true}) {
      served.push_back(serve({kind.label, *sample, {by_component, false}}));
      if (sample->schema().parameters().empty()) continue;
      served.push_back(serve({kind.label, *sample, {by_component, true}}));
    }
  } catch (const Error& error) {
    log(options_.log, {Severity::Warning,
                       "repository",
                       "what is kept cannot be queried",
                       {{"label", kind.label}, {"reason", error.what()}}});
  }
  const Lock lock(mutex_);
  kinds_[kind.label][kind.schema] = std::move(served);
}

Capability Repository::Impl::serve(KeptQuery query) {
  const Capability capability = query.capability();
  const auto shared = std::make_shared<const KeptQuery>(std::move(query));
  // All wait for one desk, so that many kinds take no more of the machine than one.
  Service service{
      capability, AsyncRun([this, shared](const Specification& asked, const std::stop_token& stop,
                                          Completion completion) {
        const auto end = std::make_shared<Completion>(std::move(completion));
        desk_.post([this, shared, asked, stop, end] { answer(*shared, asked, stop, *end); });
      })};
  service.policy.max_running = options_.most_running;
  service.by_label = true;  // results of several labels may be alike
  return above_.serve(std::move(service));
}

void Repository::Impl::answer(const KeptQuery& query, const Specification& asked,
                              const std::stop_token& stop, Completion& completion) const {
  try {
    ResultReader reader(options_.folder);
    completion(query.answer(reader, asked, {options_.most_rows, options_.longest}, stop));
  } catch (const Error& error) {
    completion.fail(error);
  } catch (const std::exception& error) {
    completion.fail(Error(ErrorKind::Internal, "", error.what()));
  }
}

void Repository::Impl::withdraw(const std::string& label, const std::string& schema) {
  std::vector<Capability> served;
  {
    const Lock lock(mutex_);
    const auto known = kinds_.find(label);
    if (known == kinds_.end()) return;
    auto gone = known->second.extract(schema);
    if (gone.empty()) return;
    served = std::move(gone.mapped());
    if (known->second.empty()) kinds_.erase(known);
    --count_;
    is_full_ = false;
  }
  for (const Capability& one : served) above_.withdraw(one.token());
}

bool Repository::Impl::offers(const std::string_view label) const {
  const Lock lock(mutex_);
  return std::any_of(kinds_.begin(), kinds_.end(), [&](const auto& kind) {
    return std::any_of(kind.second.begin(), kind.second.end(), [&](const auto& one) {
      return std::any_of(one.second.begin(), one.second.end(),
                         [&](const Capability& served) { return served.label() == label; });
    });
  });
}

Repository::Repository(Component& above, RepositoryOptions options)
    : impl_(std::make_unique<Impl>(above, std::move(options))) {}

Repository::~Repository() = default;

void Repository::add(const KeptResult& kept) {
  if (kept.schema.empty() || !impl_->takes(kept.label, kept.schema)) return;
  impl_->offer({kept.label, kept.schema, kept.message});
}

void Repository::remove(const ResultKind& kind) { impl_->withdraw(kind.label, kind.schema); }

bool Repository::offers(const std::string_view label) const { return impl_->offers(label); }

}  // namespace mplane
