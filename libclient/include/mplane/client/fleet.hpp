#pragma once

#include "mplane/client/client.hpp"
#include "mplane/client/options.hpp"
#include "mplane/client/pending.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/result.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mplane {

/// Components that are asked together, and the asynchronous form of a client: a round of questions
/// begins and returns at once, what comes of it is fetched as it comes. A resource; thread-safe. It
/// has a Client for each component and owns up to `parallel` threads, which are as many requests as
/// are under way at once; a measurement that is waited for takes none of them.
///
///     Fleet fleet(urls, options);
///     fleet.ask([](std::size_t, Client& client, std::stop_token stop) -> std::optional<Pending> {
///       …
///       return client.submit(specification, capability, stop);
///     });
///     while (const auto news = fleet.next()) …
class Fleet {
 public:
  /// Something that came of one component.
  struct News {
    std::size_t member = 0;             ///< its place among the URLs
    std::string component = {};         ///< who it is, for people: see `name_of_peer`
    std::optional<Result> result = {};  ///< of a repeated specification that of one run
    /// Why a run, or if it has `ended` the whole, yields nothing.
    std::optional<Error> failure = {};
    bool ended = false;  ///< there is no more of this component in this round
  };

  /// Asks one component, with its client. Called on a thread of the fleet, for several components
  /// at the same time, so it locks what it shares. The measurement it returns is waited for; what
  /// it throws is the component's failure.
  using Question =
      std::function<std::optional<Pending>(std::size_t member, Client& client, std::stop_token)>;

  static constexpr std::size_t kParallel = 256;

  /// Nothing is sent yet. `options.insecure` holds for those URLs alone that are plain http.
  /// @throws Error{Malformed} for a URL; {Configuration} as Client, or when `parallel` is 0.
  Fleet(std::vector<std::string> urls, const ClientOptions& options,
        std::size_t parallel = kParallel);
  /// Gives up.
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  std::size_t size() const noexcept;
  const std::string& url(std::size_t member) const noexcept;

  /// Begins a round: asks every component. @throws Error{Internal} while there is one already.
  void ask(Question question);
  /// The next news of the round, waiting for it; nothing when all have ended, or `stop` was
  /// requested.
  std::optional<News> next(std::stop_token stop = {});

  /// Has all measurements that go on stopped; what they have yielded until then still comes.
  void interrupt();
  /// Ends the round: who has not answered ends with Error{Unavailable}. Measurements go on.
  void give_up();

  /// The client of a component, and what its question returned. Only between rounds.
  Client& client(std::size_t member) noexcept;
  const std::optional<Pending>& pending(std::size_t member) const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
