#include "collectors.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "routes.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

namespace mplane::detail {
namespace {

/// @throws Error{Invalid} for a result that the capability does not collect.
void check(const Capability& capability, const Result& result) {
  if (result.schema() != capability.schema()) {
    throw Error(ErrorKind::Invalid, "",
                mplane::quoted(capability.label()) +
                    " does not collect results with these parameters and columns");
  }
  for (const Element* const parameter : capability.schema().parameters()) {
    const Value& value = result.value(parameter->name());
    if (capability.constraint(parameter->name()).admits(value)) continue;
    throw Error(ErrorKind::Invalid, "parameters/" + parameter->name(),
                mplane::quoted(to_string(value)) + " is not collected here, only " +
                    to_string(capability.constraint(parameter->name())));
  }
}

}  // namespace

Capability Collectors::add(const Capability& capability, const std::optional<Url>& ours,
                           Component::AsyncCollect collect) {
  const std::string token = capability.token();
  if (!ours) throw Error(ErrorKind::Configuration, "listen", "who collects has to listen");
  const auto& given = capability.link();
  const Url link = given ? Url::parse(*given) : ours->resolve("/result/" + token);
  Capability linked = capability.with_token(token).with_link(to_string(link));
  if (link.path() == "/" || link.path() == kSpecificationPath || link.path() == kPlanPath) {
    throw Error(ErrorKind::Configuration, "link",
                mplane::quoted(link.path()) + " is where specifications are posted");
  }
  const auto collector = std::make_shared<Collector>(linked, std::move(collect));
  const Lock lock(mutex_);
  if (by_path_.count(link.path()) > 0) {
    throw Error(ErrorKind::Configuration, "link",
                "results are collected at " + mplane::quoted(link.path()) + " already");
  }
  const bool is_known = std::any_of(by_path_.begin(), by_path_.end(), [&](const auto& one) {
    return one.second->capability.token() == token;
  });
  if (is_known) {
    throw Error(ErrorKind::Invalid, "capability/" + token,
                mplane::quoted(capability.label()) + " has the token of one that collects already");
  }
  by_path_.emplace(link.path(), collector);
  return linked;
}

void Collectors::remove(const std::string_view token) {
  const Lock lock(mutex_);
  std::erase_if(by_path_, [&](const auto& one) { return one.second->capability.token() == token; });
}

std::shared_ptr<Collectors::Collector> Collectors::find(const std::string_view path) const {
  const Lock lock(mutex_);
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

bool Collectors::has(const std::string_view path) const { return find(path) != nullptr; }

/// Somebody waits until all that he posted is taken. Shared by its results; thread-safe.
class Collectors::Post {
 public:
  explicit Post(Component::Collected done) : done_(std::move(done)) {}
  Post(const Post&) = delete;
  Post& operator=(const Post&) = delete;
  /// Nobody has any part of it any more.
  ~Post() { done_(std::move(failure_)); }

  /// The first word counts.
  void fail(Error why) MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    if (!failure_) failure_ = std::move(why);
  }

 private:
  const Component::Collected done_;
  Mutex mutex_;
  std::optional<Error> failure_ MPLANE_GUARDED_BY(mutex_);
};

/// One result on its way to a collector. Ends once, at the latest when nobody has it any more.
class Collectors::OneResult {
 public:
  OneResult(std::shared_ptr<Collector> collector, std::shared_ptr<Post> post, std::string begun)
      : collector_(std::move(collector)), post_(std::move(post)), begun_(std::move(begun)) {}
  OneResult(const OneResult&) = delete;
  OneResult& operator=(const OneResult&) = delete;
  ~OneResult() { end(Error(ErrorKind::Internal, "", "the result was not taken")); }

  void end(std::optional<Error> why) {
    if (has_ended_.exchange(true)) return;
    collector_->duplicates.end(begun_, !why);
    if (why) post_->fail(*std::move(why));
    post_.reset();
  }

 private:
  const std::shared_ptr<Collector> collector_;
  std::shared_ptr<Post> post_;
  const std::string begun_;
  std::atomic<bool> has_ended_ = false;
};

void Collectors::take(const Identity& from, const std::string_view path, const Message& message,
                      Component::Collected done) {
  const auto post = std::make_shared<Post>(std::move(done));
  try {
    Round round{from, usable(from, path), post};
    take(round, message);
  } catch (const Error& error) {
    post->fail(error);
  } catch (const std::exception& error) {
    post->fail(Error(ErrorKind::Internal, "", error.what()));
  }
}

std::shared_ptr<Collectors::Collector> Collectors::usable(const Identity& from,
                                                          const std::string_view path) const {
  auto collector = find(path);
  const bool is_there =
      collector != nullptr &&
      dispatcher_.capability(from, collector->capability.token()).find<Capability>() != nullptr;
  if (is_there) return collector;
  throw Error(ErrorKind::Unknown, "", "results are not collected here any more");
}

void Collectors::take(Round& round, const Message& message) const {
  if (const auto* const envelope = message.find<Envelope>()) {
    for (const Message& one : envelope->messages()) take(round, one);
  } else if (const auto* const result = message.find<Result>()) {
    hand_on(round, *result);
  } else if (const auto* const exception = message.find<Exception>()) {
    log(log_, {Severity::Info,
               "collector",
               "an exception came in place of a result",
               {{"peer", round.from.text()}, {"reason", exception->message()}}});
  } else {
    throw Error(ErrorKind::Invalid, "",
                "results are collected here, but this is of kind " + std::string(message.kind()));
  }
}

void Collectors::hand_on(Round& round, const Result& result) {
  check(round.collector->capability, result);
  if (!round.met.insert(delivery_key(result)).second) return;
  auto begun = round.collector->duplicates.begin(round.from, result);
  if (!begun) return;
  const auto one = std::make_shared<OneResult>(round.collector, round.post, *std::move(begun));
  try {
    round.collector->collect(round.from, result,
                             [one](std::optional<Error> why) { one->end(std::move(why)); });
  } catch (const Error& error) {
    one->end(error);
  } catch (const std::exception& error) {
    one->end(Error(ErrorKind::Internal, "", error.what()));
  }
}

}  // namespace mplane::detail
