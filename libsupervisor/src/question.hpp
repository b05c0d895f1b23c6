#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "question_tokens.hpp"

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace mplane::detail {

/// What a component answered in the end: its result, or why there is none.
using Answer = std::variant<Result, Exception>;

/// What a component is asked beside that. A value.
struct Additions {
  std::vector<std::pair<std::string, Value>> parameters = {};
  Metadata metadata = {};  ///< as far as the component's registry has it
};

/// What a component is asked when its supervisor is asked that: for its own capability, with the
/// values of the parameters both have, and a token of QuestionTokens. A scope that a component
/// can only start now is asked from now on, since the question takes its time to get there.
/// @throws Error{Invalid} when the component does not take it, saying why.
Specification question_for(const Capability& capability, const Specification& asked, Instant now,
                           std::string token, const Additions& additions = {});

/// Questions that no scope ends ("now"), by component: without them nobody would give one up whose
/// component is gone for good. Thread-safe.
class EndlessQuestions {
 public:
  void add(const std::string& component, const std::string& token) MPLANE_EXCLUDES(mutex_);
  void remove(const std::string& component, const std::string& token) MPLANE_EXCLUDES(mutex_);
  /// Takes out those of a component. @return their tokens.
  std::set<std::string> extract(const std::string& component) MPLANE_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::map<std::string, std::set<std::string>> by_component_ MPLANE_GUARDED_BY(mutex_);
};

/// Who is asked, and for how long. What is a reference outlives all questions.
struct Below {
  ClientListener& listener;
  Duration patience;  ///< that a component has to end what it was told to stop
  EndlessQuestions& endless;
  const QuestionTokens& tokens;
};

/// Asks one component. Calls back once, from any thread, also before it returns: with what came of
/// it; after `stop` at the latest when the component had so much time to end it.
/// @throws Error{TooMany, Unknown} as ClientListener::submit; then it does not call back.
void ask(const Below& below, const std::string& component, const Specification& question,
         const std::stop_token& stop, std::function<void(Answer)> done);

/// Gives up what a component was asked that no scope ends, if it is not registered any more.
void give_up_if_gone(const Below& below, const std::string& component);

}  // namespace mplane::detail
