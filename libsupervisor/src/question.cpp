#include "question.hpp"

#include "mplane/model/detail/mutex.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mplane::detail {
namespace {

When from_now(const When& when, const Capability& capability, const Instant now) {
  const bool has_begun = when.is_definite() && when.start().instant() <= now;
  if (!has_begun || !capability.when().is_immediate()) return when;
  const auto length = when.length(now);
  if (!length || *length <= Duration::zero()) return When::at(Time::now());
  const When lasting = When::lasting(Time::now(), std::chrono::ceil<std::chrono::seconds>(*length));
  return when.period() ? lasting.every(*when.period()) : lasting;
}

/// One question, from its being asked to the answer. Thread-safe.
class Question {
 public:
  explicit Question(std::function<void(Answer)> done) : done_(std::move(done)) {}

  void take(std::optional<Message> message) MPLANE_EXCLUDES(mutex_) {
    if (message) {
      note(*message);
    } else {
      end();
    }
  }

  /// Has the stop passed on, unless it is over already.
  void watch(const std::stop_token& stop, std::function<void()> pass_on) MPLANE_EXCLUDES(mutex_) {
    auto watch = std::make_unique<Watch>(stop, std::move(pass_on));  // calls back if it is stopped
    const Lock lock(mutex_);
    if (!ended_) watch_ = std::move(watch);
  }

 private:
  using Watch = std::stop_callback<std::function<void()>>;

  void note(const Message& message) {
    if (const auto* const result = message.find<Result>()) answer_ = *result;
    if (const auto* const exception = message.find<Exception>()) answer_ = *exception;
  }

  void end() MPLANE_EXCLUDES(mutex_) {
    std::unique_ptr<Watch> watch;  // goes without the lock: it waits for a call that is under way
    {
      const Lock lock(mutex_);
      ended_ = true;
      watch = std::move(watch_);
    }
    watch.reset();
    done_(std::move(answer_));
  }

  const std::function<void(Answer)> done_;
  Answer answer_ = Exception({}, "the component did not answer in time");  // of one call at a time
  Mutex mutex_;
  bool ended_ MPLANE_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Watch> watch_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace

Specification question_for(const Capability& capability, const Specification& asked,
                           const Instant now, std::string token, const Additions& additions) {
  auto builder = capability.specify(from_now(asked.when(), capability, now));
  const auto parameters = asked.schema().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::string& name = parameters[i]->name();
    if (!capability.schema().find_parameter(name) || !asked.value(i).has_value()) continue;
    builder = std::move(builder).set(name, asked.value(i));
  }
  for (const auto& [name, value] : additions.parameters) {
    builder = std::move(builder).set(name, value);
  }
  for (const auto& [element, value] : additions.metadata) {
    if (capability.registry().find(element) == nullptr) continue;
    builder = std::move(builder).metadata(element, value);
  }
  return std::move(builder).label(capability.label()).token(std::move(token)).build(now);
}

void EndlessQuestions::add(const std::string& component, const std::string& token) {
  const Lock lock(mutex_);
  by_component_[component].insert(token);
}

void EndlessQuestions::remove(const std::string& component, const std::string& token) {
  const Lock lock(mutex_);
  const auto found = by_component_.find(component);
  if (found == by_component_.end()) return;
  found->second.erase(token);
  if (found->second.empty()) by_component_.erase(found);
}

std::set<std::string> EndlessQuestions::extract(const std::string& component) {
  const Lock lock(mutex_);
  auto found = by_component_.extract(component);
  return found.empty() ? std::set<std::string>() : std::move(found.mapped());
}

void ask(const Below& below, const std::string& component, const Specification& question,
         const std::stop_token& stop, std::function<void(Answer)> done) {
  const std::string token = question.token();
  const bool is_endless = question.when().is_singleton();
  if (is_endless) {
    below.endless.add(component, token);
    done = [&endless = below.endless, component, token, done = std::move(done)](Answer answer) {
      endless.remove(component, token);
      done(std::move(answer));
    };
  }
  const auto asked = std::make_shared<Question>(std::move(done));
  try {
    below.listener.submit(component, question, [asked](std::optional<Message> message) {
      asked->take(std::move(message));
    });
  } catch (const Error&) {
    below.endless.remove(component, token);
    throw;
  }
  asked->watch(stop, [&listener = below.listener, component, token, patience = below.patience] {
    // Copies: the call may end what holds them.
    listener.interrupt(std::string(component), std::string(token), patience);
  });
  if (is_endless) give_up_if_gone(below, component);  // it may have gone just before
}

void give_up_if_gone(const Below& below, const std::string& component) {
  if (!below.listener.registrations(component).empty()) return;
  for (const std::string& token : below.endless.extract(component)) {
    below.listener.interrupt(component, token, below.patience);
  }
}

}  // namespace mplane::detail
