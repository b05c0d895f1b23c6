#include "errands.hpp"

#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

/// The token of the specification whose run may have this one: "token-start".
std::string_view parent_of(const std::string_view run) noexcept {
  const std::size_t dash = run.rfind('-');
  if (dash == std::string_view::npos || dash + 1 == run.size()) return {};
  const std::string_view start = run.substr(dash + 1);
  const bool is_number =
      std::all_of(start.begin(), start.end(), [](const char c) { return c >= '0' && c <= '9'; });
  return is_number ? run.substr(0, dash) : std::string_view();
}

/// As invalid, not as unknown: what is behind it may come, and this is never to come again.
[[noreturn]] void refuse_unknown(const std::string_view token) {
  throw Error(ErrorKind::Invalid, "token",
              "nothing was asked of this component under the token " + mplane::quoted(token));
}

void check_schema(const Result& result, const Specification& asked) {
  if (result.schema() == asked.schema() && result.verb() == asked.verb()) return;
  throw Error(
      ErrorKind::Invalid, "results",
      "the result has other parameters or columns than what was asked for under the token " +
          mplane::quoted(asked.token()));
}

}  // namespace

void Errands::add(const Specification& specification, ClientListener::Each each) {
  const std::string token = specification.token();
  const bool is_new = by_token_.find(token) == by_token_.end() && finished_.count(token) == 0;
  if (!is_new) {
    throw Error(ErrorKind::Invalid, "token",
                "the component was asked under the token " + mplane::quoted(token) + " before");
  }
  const auto errand =
      by_token_.emplace(token, Errand{specification, std::make_shared<Answers>(std::move(each))});
  queue(errand.first, false);
}

/// Has the component told, unless that waits already.
void Errands::queue(const ByToken::iterator errand, const bool is_interrupt) {
  bool& waits = is_interrupt ? errand->second.interrupt_waits : errand->second.waits;
  if (!std::exchange(waits, true)) waiting_.push_back({errand->first, is_interrupt});
}

bool Errands::interrupt(const std::string_view token, Effects& effects) {
  const auto errand = by_token_.find(token);
  if (errand == by_token_.end()) return false;
  if (!errand->second.fetched) {
    finish(errand, {}, effects);
  } else if (!std::exchange(errand->second.interrupted, true)) {
    queue(errand, true);
  }
  return true;
}

void Errands::give_up(const std::string_view token, Effects& effects) {
  const auto errand = by_token_.find(token);
  if (errand != by_token_.end()) finish(errand, {}, effects);
}

void Errands::doubt() {
  for (auto one = by_token_.begin(); one != by_token_.end(); ++one) {
    Errand& errand = one->second;
    const bool is_endless = errand.specification.when().is_singleton();
    if (!is_endless || errand.interrupted || !std::exchange(errand.heard_of, false)) continue;
    queue(one, false);
  }
}

bool Errands::forget(const std::string_view token) {
  const auto errand = by_token_.find(token);
  if (errand == by_token_.end()) return false;
  errand->second.answers->close();
  end_of(errand, false);
  return true;
}

Envelope Errands::fetch(const TimePoint now, const TimePoint forgotten_before) {
  requeue_unheard(forgotten_before);
  Envelope envelope;
  while (!waiting_.empty() && envelope.size() < kFetchedAtOnce) {
    Telling telling = std::move(waiting_.front());
    waiting_.pop_front();
    if (auto message = tell(telling)) {
      envelope.append(*std::move(message));
      told_.push_back({std::move(telling), now});
    }
  }
  return envelope;
}

void Errands::requeue_unheard(const TimePoint forgotten_before) {
  while (!told_.empty() && told_.front().at <= forgotten_before) {
    const Telling telling = std::move(told_.front().telling);
    told_.pop_front();
    const auto errand = by_token_.find(telling.token);
    if (errand != by_token_.end()) queue(errand, telling.is_interrupt);
  }
}

/// The message, unless it became void meanwhile.
std::optional<Message> Errands::tell(const Telling& telling) {
  const auto errand = by_token_.find(telling.token);
  if (errand == by_token_.end()) return {};
  (telling.is_interrupt ? errand->second.interrupt_waits : errand->second.waits) = false;
  if (telling.is_interrupt) return Interrupt(errand->second.specification);
  if (errand->second.heard_of) return {};
  errand->second.fetched = true;
  return errand->second.specification;
}

void Errands::take(const Message& message, Effects& effects) {
  std::visit(Overloaded{
                 [&](const Receipt& receipt) {
                   const auto errand = find(receipt.has_token() ? receipt.token()  //
                                                                : receipt.value_hash());
                   if (errand != by_token_.end()) errand->second.heard_of = true;
                 },
                 [&](const Result& result) { take_result(result, result.token(), effects); },
                 [&](const Exception& exception) { take_exception(exception, effects); },
                 [&](const Envelope& envelope) { take_envelope(envelope, effects); },
                 [&](const auto&) {
                   throw Error(ErrorKind::Invalid, "",
                               "what comes here is receipts, results and exceptions, but this is "
                               "of kind " +
                                   std::string(message.kind()));
                 },
             },
             message.alternatives());
}

void Errands::take_result(const Result& result, const std::string& token, Effects& effects) {
  const auto errand = find(token);
  if (errand == by_token_.end()) {
    if (finished_.count(token) == 0 && finished_.count(parent_of(token)) == 0) {
      refuse_unknown(token);
    }
    return answered_late(token);
  }
  check_schema(result, errand->second.specification);
  if (!errand->second.specification.when().is_repeated()) {
    finish(errand, result, effects);
    return;
  }
  const bool is_run = token != errand->first;
  take_run(errand->second, is_run ? token : to_string(result.when()), result, effects);
}

void Errands::take_exception(const Exception& exception, Effects& effects) {
  if (!exception.token()) return;  // it says nothing of what was asked
  const auto errand = find(*exception.token());
  if (errand == by_token_.end()) return answered_late(*exception.token());
  if (errand->first == *exception.token()) {
    finish(errand, exception, effects);
  } else {
    take_run(errand->second, *exception.token(), exception, effects);
  }
}

void Errands::take_envelope(const Envelope& envelope, Effects& effects) {
  std::optional<Error> first;
  for (const Message& message : envelope.messages()) {
    try {
      const auto* const result = message.find<Result>();
      if (result != nullptr && !result->has_token() && envelope.token) {
        take_result(*result, *envelope.token, effects);
      } else {
        take(message, effects);
      }
    } catch (const Error& error) {
      if (!first) first = error;
    }
  }
  if (first) throw *std::move(first);
}

void Errands::take_run(Errand& errand, std::string run, Message message, Effects& effects) {
  errand.heard_of = true;
  if (!errand.runs.insert(std::move(run)).second) return;
  errand.answers->put(std::move(message));
  effects.push_back([answers = errand.answers] { answers->flow(); });
}

std::vector<News> Errands::news(const Message& message) const {
  std::vector<News> news;
  if (message.find<Result>() != nullptr) add_news(message.token(), message, news);
  const auto* const exception = message.find<Exception>();
  if (exception != nullptr && exception->token()) add_news(*exception->token(), message, news);
  if (const auto* const envelope = message.find<Envelope>()) {
    for (const Message& one : envelope->messages()) {
      const auto* const result = one.find<Result>();
      if (result != nullptr && !result->has_token() && envelope->token) {
        add_news(*envelope->token, one, news);
      } else {
        for (News& inner : this->news(one)) news.push_back(std::move(inner));
      }
    }
  }
  return news;
}

void Errands::add_news(const std::string& token, const Message& message,
                       std::vector<News>& news) const {
  const Specification* const asked = asked_under(token);
  if (asked == nullptr) return;
  const auto* const result = message.find<Result>();
  const bool fits =
      result == nullptr || (result->schema() == asked->schema() && result->verb() == asked->verb());
  if (fits) news.push_back({*asked, message});
}

/// What an answer under a token is about; null when there is nothing new to be said.
const Specification* Errands::asked_under(const std::string_view token) const {
  const auto errand = find(token);
  if (errand != by_token_.end()) return &errand->second.specification;
  for (const std::string_view name : {token, parent_of(token)}) {
    const auto late = finished_.find(name);
    if (late == finished_.end() || !late->second) continue;
    if (name == token || late->second->when().is_repeated()) return &*late->second;
  }
  return nullptr;
}

/// One that was given up has its answer: the next is the same again.
void Errands::answered_late(const std::string_view token) {
  const auto late = finished_.find(token);
  if (late == finished_.end() || !late->second) return;
  if (!late->second->when().is_repeated()) late->second.reset();
}

/// The errand that a token is of, or of a run of.
Errands::ByToken::const_iterator Errands::find(const std::string_view token) const {
  const auto errand = by_token_.find(token);
  if (errand != by_token_.end()) return errand;
  const auto parent = by_token_.find(parent_of(token));
  const bool may_be =
      parent != by_token_.end() && parent->second.specification.when().is_repeated();
  return may_be ? parent : by_token_.end();
}

Errands::ByToken::iterator Errands::find(const std::string_view token) {
  const auto errand = std::as_const(*this).find(token);
  return by_token_.erase(errand, errand);  // the same place, that may be changed
}

void Errands::finish(const ByToken::iterator errand, std::optional<Message> last,
                     Effects& effects) {
  const auto answers = errand->second.answers;
  const bool is_answered = last.has_value();
  if (last) answers->put(std::move(last));
  answers->put(std::nullopt);
  effects.push_back([answers] { answers->flow(); });
  end_of(errand, is_answered);
}

Errands::ByToken::iterator Errands::end_of(const ByToken::iterator errand, const bool is_answered) {
  // What still waits about it would make a component that never polls cost more and more.
  if (errand->second.waits || errand->second.interrupt_waits) {
    std::erase_if(waiting_, [&](const Telling& one) { return one.token == errand->first; });
  }
  // Remembered, because components send again what they do not know to have arrived.
  std::optional<Specification> unanswered;
  if (!is_answered && errand->second.fetched) unanswered = errand->second.specification;
  if (finished_.emplace(errand->first, std::move(unanswered)).second) {
    finished_order_.push_back(errand->first);
  }
  if (finished_order_.size() > kRemembered) {
    finished_.erase(finished_order_.front());
    finished_order_.pop_front();
  }
  return by_token_.erase(errand);
}

}  // namespace mplane::detail
