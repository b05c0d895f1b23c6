#pragma once

#include "effects.hpp"
#include "in_order.hpp"
#include "mplane/client/client_listener.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/specification.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// Something that a component says of what it was asked, and what that was.
struct News {
  Specification asked;
  Message message;  ///< a result or an exception
};

/// The specifications that one component was asked, from the queue to the last result. One thread
/// at a time; knows neither clock nor HTTP.
///
///     waiting -- fetch --> fetched -- receipt --> known -- result, exception --> finished
///        ^                  |   `------------------ result, exception ---------------^
///        `-- not heard of --'
class Errands {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kFetchedAtOnce = 1'000;  ///< messages in one envelope
  static constexpr std::size_t kRemembered = 1'000;     ///< of those that are finished

  /// Queues a specification that has a token. @throws Error{Invalid} when that is in use.
  void add(const Specification& specification, ClientListener::Each each);
  /// Queues an interrupt; ends what still waits. @return whether it was known.
  bool interrupt(std::string_view token, Effects& effects);
  /// Ends one that was waited for long enough.
  void give_up(std::string_view token, Effects& effects);
  /// Its component may have begun anew, and know of nothing any more: what no scope ends and it
  /// said it had, it is told again. Nothing comes of that if it still has it.
  void doubt();
  /// Drops one. @return whether it was known.
  bool forget(std::string_view token);

  bool has(std::string_view token) const { return by_token_.find(token) != by_token_.end(); }
  bool empty() const noexcept { return by_token_.empty(); }
  std::size_t size() const noexcept { return by_token_.size(); }
  /// How much there is to be fetched.
  std::size_t waiting() const noexcept { return waiting_.size(); }
  /// Whether there is something to be fetched.
  bool has_work() const noexcept { return !waiting_.empty(); }
  /// What the component is to be told now, at most `kFetchedAtOnce` messages. What was told before
  /// `forgotten_before` and not heard of since is told again.
  Envelope fetch(TimePoint now, TimePoint forgotten_before);

  /// Takes what the component says of one: a receipt, result, exception, or an envelope of them.
  /// What was taken before is ignored. @throws Error{Invalid} when nobody asked for it, or it is no
  /// answer to what was asked. Of an envelope all that is good is taken first.
  void take(const Message& message, Effects& effects);
  /// What of it is worth keeping: what `take` would pass on, and answers that come after they were
  /// waited for, which it takes without a word. Some of it may have been kept before.
  std::vector<News> news(const Message& message) const;

 private:
  using Answers = InOrder<std::optional<Message>>;

  struct Errand {
    Specification specification;
    std::shared_ptr<Answers> answers;
    bool heard_of = false;
    bool fetched = false;
    bool interrupted = false;
    bool waits = false;               ///< to be told, which is queued once
    bool interrupt_waits = false;     ///< the same of its interrupt
    std::set<std::string> runs = {};  ///< of a repeated one: those that were taken
  };
  struct Telling {
    std::string token;
    bool is_interrupt;
  };
  struct Told {
    Telling telling;
    TimePoint at;
  };
  using ByToken = std::map<std::string, Errand, std::less<>>;

  void queue(ByToken::iterator errand, bool is_interrupt);
  void requeue_unheard(TimePoint forgotten_before);
  std::optional<Message> tell(const Telling& telling);
  void take_result(const Result& result, const std::string& token, Effects& effects);
  void take_exception(const Exception& exception, Effects& effects);
  void take_envelope(const Envelope& envelope, Effects& effects);
  void take_run(Errand& errand, std::string run, Message message, Effects& effects);
  void add_news(const std::string& token, const Message& message, std::vector<News>& news) const;
  const Specification* asked_under(std::string_view token) const;
  void answered_late(std::string_view token);
  ByToken::const_iterator find(std::string_view token) const;
  ByToken::iterator find(std::string_view token);
  void finish(ByToken::iterator errand, std::optional<Message> last, Effects& effects);
  ByToken::iterator end_of(ByToken::iterator errand, bool is_answered);

  ByToken by_token_;
  std::deque<Telling> waiting_;
  std::deque<Told> told_;  ///< in order of time
  /// By token; with what was asked where there may be answers yet that nobody waits for.
  std::map<std::string, std::optional<Specification>, std::less<>> finished_;
  std::deque<std::string> finished_order_;
};

}  // namespace mplane::detail
