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
  /// @throws Error{Configuration} when it has no link and nobody listens, or its link is no URL.
  Capability add(const Capability& capability, const std::optional<Url>& ours,
                 Component::Collect collect) MPLANE_EXCLUDES(mutex_);

  /// Whether results are taken at that path.
  bool has(std::string_view path) const MPLANE_EXCLUDES(mutex_);
  /// Hands on what was posted there: a result, or those in an envelope. What was there before is
  /// dropped, exceptions are logged. @throws Error{Unknown, Invalid} for what it does not take; and
  /// whatever the collector does.
  void take(const Identity& from, std::string_view path, const Message& message)
      MPLANE_EXCLUDES(mutex_);

 private:
  struct Collector {
    Capability capability;
    Component::Collect collect;
  };

  std::shared_ptr<const Collector> find(std::string_view path) const MPLANE_EXCLUDES(mutex_);
  void take(const Identity& from, const Collector& collector, const Message& message);
  void hand_on(const Identity& from, const Collector& collector, const Result& result);

  const Dispatcher& dispatcher_;
  const LogSink log_;
  Duplicates duplicates_;
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Collector>, std::less<>> by_path_
      MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
