#pragma once

#include "mplane/component/component.hpp"
#include "mplane/component/delivery.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mplane::detail {

/// Those who take results that others post (protocol, section 10), by the path at which they do.
/// Thread-safe. In the flow: behind the routes, beside the dispatcher, which knows who may use
/// what.
class Collectors {
 public:
  /// The dispatcher outlives them.
  Collectors(const Dispatcher& dispatcher, LogSink log)
      : dispatcher_(dispatcher), log_(std::move(log)) {}

  /// @param ours where we listen, if we do. @return the capability, with token and link.
  /// @throws Error{Configuration} when nobody listens, or something else is posted to at the path
  /// of its link; Error{Malformed} when that is no URL.
  Capability add(const Capability& capability, const std::optional<Url>& ours,
                 Component::Collect collect) MPLANE_EXCLUDES(mutex_);

  /// Takes none any more for a capability that is offered no more: its path is free again.
  void remove(std::string_view token) MPLANE_EXCLUDES(mutex_);

  /// Whether results are taken at that path.
  bool has(std::string_view path) const MPLANE_EXCLUDES(mutex_);
  /// Hands on what was posted there: a result, or those in an envelope. What was there before is
  /// dropped, exceptions are logged. @throws Error{Unknown, Invalid} for what it does not take,
  /// {Unavailable} for what it is just taking; and whatever the collector does: what comes again
  /// then is new to it.
  void take(const Identity& from, std::string_view path, const Message& message)
      MPLANE_EXCLUDES(mutex_);

 private:
  struct Collector {
    Collector(Capability its_capability, Component::Collect its_collect)
        : capability(std::move(its_capability)), collect(std::move(its_collect)) {}

    const Capability capability;
    const Component::Collect collect;
    Duplicates duplicates;  // of what it has: another one may be sent the same
  };

  std::shared_ptr<Collector> find(std::string_view path) const MPLANE_EXCLUDES(mutex_);
  void take(const Identity& from, Collector& collector, const Message& message);
  void hand_on(const Identity& from, Collector& collector, const Result& result);

  const Dispatcher& dispatcher_;
  const LogSink log_;
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<Collector>, std::less<>> by_path_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
