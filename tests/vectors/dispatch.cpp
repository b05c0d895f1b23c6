// What a component answers to messages, one after another (kind process_message).

#include "comparison.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/model/json.hpp"
#include "vector_kind.hpp"

#include <string>
#include <vector>

using mplane::Capability;
using mplane::Completion;
using mplane::Specification;

namespace {

/// The time of day at which the recording was made; it does not pass.
class RecordedClock final : public mplane::Clock {
 public:
  explicit RecordedClock(const Json& now) : now_(mplane::Time::parse(now.text()).instant()) {}

  mplane::Instant now() const override { return now_; }
  std::chrono::nanoseconds steady() const override { return system_.steady(); }
  std::unique_ptr<mplane::Alarm> make_alarm() const override { return system_.make_alarm(); }

 private:
  const mplane::Instant now_;
  const mplane::SystemClock system_;
};

Capability ping_capability() {
  return Capability::measure("ping")
      .when("now ... future / 1s")
      .parameter("source.ip4", "10.0.27.2")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.us.max")
      .result("delay.twoway.icmp.us.mean")
      .result("delay.twoway.icmp.count")
      .result("packets.lost")
      .build(mplane::Registry::core());
}

/// A component with one ping service, whose measurements do not end.
class Recorded {
 public:
  explicit Recorded(const Json& now)
      : clock_(now),
        scheduler_(clock_, {}, {}),
        dispatcher_(scheduler_, clock_, mplane::AccessControl::open(), {}) {
    dispatcher_.offer(
        {ping_capability(), [this](const Specification&, const std::stop_token&, Completion done) {
           pending_.push_back(std::move(done));
         }});
  }

  mplane::Message answer(const Json& message) {
    const auto decoded = mplane::decode(to_string(message), mplane::Registry::core());
    return dispatcher_.dispatch(mplane::Identity(), decoded).message;
  }

 private:
  RecordedClock clock_;
  std::vector<Completion> pending_;
  mplane::Scheduler scheduler_;
  mplane::Dispatcher dispatcher_;
};

// What cannot be read never comes to the dispatcher: where the SDK fails without an answer, that is
// a refusal like its own; else it is the exception that the listener answers.
mplane::Message answer_or_exception(Recorded& component, const Json& vector_case) {
  try {
    return component.answer(vector_case.at("input"));
  } catch (const mplane::Error& error) {
    if (is_refusal(vector_case.at("expected"))) throw;
    return mplane::Exception({}, error);
  }
}

}  // namespace

// What an exception says to people is not what the SDK says.
void normalize_reply(Json& answer) {
  normalize_message(answer);
  Json& json = answer.object().at("json");
  if (json.find("exception") != nullptr) json.object().erase("message");
}

/// The cases of a file are one conversation: those before this one come first.
Json answer_process_message(const Json& vector_case, const VectorFile& file) {
  Recorded component(file.json.at("clock_utc"));
  for (const Json& before : file.json.at("cases").array()) {
    if (&before == &vector_case) break;
    try {
      component.answer(before.at("input"));
    } catch (const mplane::Error&) {
      continue;  // no message at all
    }
  }
  const mplane::Message reply = answer_or_exception(component, vector_case);
  return Json::Object{{"kind", std::string(reply.kind())}, {"json", encode(reply)}};
}
