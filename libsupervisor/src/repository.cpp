#include "mplane/supervisor/repository.hpp"

#include "kept_query.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/json.hpp"
#include "mplane/store/result_store.hpp"

#include <set>
#include <string>
#include <unordered_set>
#include <utility>

namespace mplane {

using detail::KeptQuery;
using detail::Lock;

KeptResult kept_result(std::string component, std::string label, std::string token,
                       const Message& message, const Instant now) {
  KeptResult kept{
      std::move(component), std::move(label), std::move(token), now, now, encode(message), {}};
  if (const auto* const result = message.find<Result>()) {
    const auto [begin, end] = result->when().interval(now);
    if (begin.is_definite()) kept.begin = begin.instant();
    if (end.is_definite()) kept.end = end.instant();
    kept.schema = result->schema().hash();
  }
  return kept;
}

class Repository::Impl {
 public:
  Impl(Component& above, RepositoryOptions options) : above_(above), options_(std::move(options)) {
    for (const ResultKind& kind : ResultReader(options_.folder).kinds()) offer(kind);
  }

  void offer(const ResultKind& kind) MPLANE_EXCLUDES(mutex_);
  bool is_new(const ResultKind& kind) MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return kinds_.insert(kind.label + '\n' + kind.schema).second;
  }
  bool offers(const std::string_view label) const MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return labels_.count(label) > 0;
  }

 private:
  void serve(KeptQuery query) MPLANE_EXCLUDES(mutex_);

  Component& above_;
  const RepositoryOptions options_;
  mutable detail::Mutex mutex_;
  std::unordered_set<std::string> kinds_ MPLANE_GUARDED_BY(mutex_);  // offered, or never will be
  std::set<std::string, std::less<>> labels_ MPLANE_GUARDED_BY(mutex_);
};

void Repository::Impl::offer(const ResultKind& kind) {
  if (!is_new(kind)) return;
  try {
    const Message message = decode(kind.sample, options_.registry);
    const auto* const sample = message.find<Result>();
    // What came from queries is kept where it was asked from, too: a copy of what others offer.
    if (sample == nullptr || sample->verb() == "query") return;
    for (const bool by_component : {false, true}) {
      serve({kind.label, *sample, {by_component, false}});
      if (sample->schema().parameters().empty()) continue;
      serve({kind.label, *sample, {by_component, true}});
    }
  } catch (const Error& error) {
    log(options_.log, {Severity::Warning,
                       "repository",
                       "what is kept cannot be queried",
                       {{"label", kind.label}, {"reason", error.what()}}});
  }
}

void Repository::Impl::serve(KeptQuery query) {
  const Capability capability = query.capability();
  Service service{capability, Run([query = std::move(query), folder = options_.folder,
                                   most = options_.most_rows](const Specification& asked,
                                                              const std::stop_token& stop) {
                    ResultReader reader(folder);
                    return query.answer(reader, asked, most, stop);
                  })};
  service.policy.max_running = options_.most_running;
  service.by_label = true;  // results of several labels may be alike
  above_.serve(std::move(service));
  const Lock lock(mutex_);
  labels_.insert(capability.label());
}

Repository::Repository(Component& above, RepositoryOptions options)
    : impl_(std::make_unique<Impl>(above, std::move(options))) {}

Repository::~Repository() = default;

void Repository::add(const KeptResult& kept) {
  if (!kept.schema.empty()) impl_->offer({kept.label, kept.schema, kept.message});
}

bool Repository::offers(const std::string_view label) const { return impl_->offers(label); }

}  // namespace mplane
