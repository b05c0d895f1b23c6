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
#include <set>
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
                 Component::AsyncCollect collect) MPLANE_EXCLUDES(mutex_);

  /// Takes none any more for a capability that is offered no more: its path is free again.
  void remove(std::string_view token) MPLANE_EXCLUDES(mutex_);

  /// Whether results are taken at that path.
  bool has(std::string_view path) const MPLANE_EXCLUDES(mutex_);
  /// Hands on what was posted there: a result, or those in an envelope, all at once. What was there
  /// before is dropped, exceptions are logged. Says when all is taken, or the first thing that is
  /// wrong: Error{Unknown, Invalid} for what it does not take, {Unavailable} for what it is just
  /// taking, and whatever the collector says: what comes again then is new to it.
  /// @param done called once, from any thread, also when we are gone.
  void take(const Identity& from, std::string_view path, const Message& message,
            Component::Collected done) MPLANE_EXCLUDES(mutex_);

 private:
  struct Collector {
    Collector(Capability its_capability, Component::AsyncCollect its_collect)
        : capability(std::move(its_capability)), collect(std::move(its_collect)) {}

    const Capability capability;
    const Component::AsyncCollect collect;
    Duplicates duplicates;  // of what it has: another one may be sent the same
  };
  class Post;
  class OneResult;
  /// What is handed on, to whom, and who waits for all of it.
  struct Round {
    const Identity& from;
    const std::shared_ptr<Collector> collector;
    const std::shared_ptr<Post> post;
    std::set<std::string> met = {};  // twice in one envelope is once
  };

  std::shared_ptr<Collector> find(std::string_view path) const MPLANE_EXCLUDES(mutex_);
  std::shared_ptr<Collector> usable(const Identity& from, std::string_view path) const;
  void take(Round& round, const Message& message) const;
  static void hand_on(Round& round, const Result& result);

  const Dispatcher& dispatcher_;
  const LogSink log_;
  mutable Mutex mutex_;
  std::map<std::string, std::shared_ptr<Collector>, std::less<>> by_path_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
