// What the old SDK's supervisor really said to components, and what ours makes of it.

#include "client/loopback.hpp"
#include "client/recording.hpp"
#include "client/scripted_peer.hpp"
#include "component/counter.hpp"
#include "mplane/component.hpp"
#include "mplane/model/json.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* kEmpty = R"({"contents":[],"envelope":"message","version":1})";

/// The supervisor of a recording: each request is answered as the next of its method and path was;
/// when none is left, as if there were nothing to say.
class Recorded {
 public:
  explicit Recorded(std::vector<Exchange> exchanges)
      : exchanges_(exchanges.begin(), exchanges.end()),
        peer_([this](const HttpRequest& request) { return answer(request); }) {}

  Url url() const { return Url::parse(peer_.url()); }
  Lines asked() const { return peer_.asked(); }
  std::size_t polls() const {
    const Lines asked = peer_.asked();
    return static_cast<std::size_t>(
        std::count(asked.begin(), asked.end(), "GET /show/specification"));
  }
  /// What was posted as results: "receipt t", "result t", …; each once.
  std::set<std::string> posted() const {
    std::set<std::string> lines;
    for (const auto& message : messages()) {
      lines.insert(std::string(message.kind()) + " " + message.token());
    }
    return lines;
  }
  std::vector<Message> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  HttpResponse answer(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.path == "/register/result") {
      messages_.push_back(decode(request.body, registry()));
    }
    const auto next = std::find_if(exchanges_.begin(), exchanges_.end(), [&](const Exchange& one) {
      return one.method == request.method && one.path == request.path;
    });
    if (next == exchanges_.end()) return mplane_reply(request.method == "GET" ? kEmpty : "{}");
    HttpResponse response = std::move(next->response);
    exchanges_.erase(next);
    return response;
  }

  mutable std::mutex mutex_;
  std::deque<Exchange> exchanges_;
  std::vector<Message> messages_;
  ScriptedPeer peer_;
};

/// What the old component yielded for each token.
std::map<std::string, Message> outcomes_of(const std::vector<Exchange>& exchanges) {
  std::map<std::string, Message> outcomes;
  for (const Exchange& exchange : exchanges) {
    if (exchange.path != "/register/result") continue;
    const Message message = decode(exchange.request, registry());
    if (message.find<Receipt>() == nullptr) outcomes.emplace(message.token(), message);
  }
  return outcomes;
}

/// The capabilities that the old component registered first.
std::vector<Capability> offers_of(const std::vector<Exchange>& exchanges) {
  std::vector<Capability> offers;
  for (const Exchange& exchange : exchanges) {
    if (exchange.path != "/register/capability") continue;
    const Message message = decode(exchange.request, registry());
    for (const Message& one : message.find<Envelope>()->messages()) {
      const auto* const capability = one.find<Capability>();
      if (capability != nullptr && capability->label() != "callback") {
        offers.push_back(*capability);
      }
    }
    break;
  }
  return offers;
}

/// Our component in the old one's place: it offers the same and yields the same, at once, or when
/// it is interrupted if that took long.
class Instead {
 public:
  explicit Instead(const std::vector<Exchange>& exchanges)
      : supervisor(exchanges), outcomes_(outcomes_of(exchanges)), component(options()) {
    for (const Capability& offer : offers_of(exchanges)) {
      component.serve(offer,
                      [this](const Specification& specification, const std::stop_token& stop,
                             Completion done) { run(specification, stop, std::move(done)); });
    }
    component.start();
    clock.settle();
  }
  ~Instead() { held_.clear(); }
  Instead(const Instead&) = delete;
  Instead& operator=(const Instead&) = delete;

  void pass(const int polls) {
    for (int i = 0; i < polls; ++i) clock.advance(6s);
  }

  LogBook log;
  FakeClock clock;
  Recorded supervisor;

 private:
  struct Held {
    explicit Held(Completion completion) : done(std::move(completion)) {}
    Completion done;
    std::optional<std::stop_callback<std::function<void()>>> watch;
  };

  ComponentOptions options() {
    ComponentOptions options;
    options.registry = registry();
    options.listen = "";
    options.supervisors = {{.url = supervisor.url()}};
    options.insecure = true;
    options.access = AccessControl::open();
    options.clock = &clock;
    options.log = log.sink();
    return options;
  }

  void run(const Specification& specification, const std::stop_token& stop, Completion done) {
    const auto known = outcomes_.find(specification.token());
    if (known == outcomes_.end()) {
      done(echo(specification));
    } else if (const auto* const exception = known->second.find<Exception>()) {
      done.fail(Error(ErrorKind::Failed, "", exception->message()));
    } else if (specification.label().starts_with("test-slow")) {
      Held& held = held_.emplace_back(std::move(done));
      const Result result = *known->second.find<Result>();
      held.watch.emplace(stop, [&held, result] { held.done(result); });
    } else {
      done(*known->second.find<Result>());
    }
  }

  /// A result for a specification that the old component yielded none for.
  static Result echo(const Specification& specification) {
    Result result(specification);
    const std::vector<Value> row(specification.schema().columns().size());
    return std::move(result).row(row);
  }

  const std::map<std::string, Message> outcomes_;
  std::deque<Held> held_;
  Component component;
};

/// The rows of a result as text; of anything else nothing.
Lines rows_of(const Message& message) {
  Lines lines;
  const auto* const result = message.find<Result>();
  if (result == nullptr) return lines;
  for (const Row& row : result->rows()) {
    std::string line;
    for (std::size_t i = 0; i < result->columns().size(); ++i) {
      line += to_string(row.value(i)) + " ";
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("our component does for an old supervisor what an old one did", "[calling][recorded]") {
  for (const char* const file : {"co_01_register_poll_result", "co_02_tls"}) {
    CAPTURE(file);
    const auto exchanges = recorded(file);
    Instead ours(exchanges);
    ours.pass(8);
    const auto expected = outcomes_of(exchanges);
    REQUIRE_FALSE(expected.empty());
    std::map<std::string, Message> came;
    for (const Message& message : ours.supervisor.messages()) {
      if (message.find<Receipt>() == nullptr) came.emplace(message.token(), message);
    }
    CHECK(came.size() == expected.size());
    for (const auto& [token, outcome] : expected) {
      CAPTURE(token);
      REQUIRE(came.count(token) == 1);
      CHECK(came.at(token).kind() == outcome.kind());
      CHECK(came.at(token).label() == outcome.label());
      CHECK(rows_of(came.at(token)) == rows_of(outcome));
    }
  }
}

TEST_CASE("an old supervisor that was restarted is registered with again", "[calling][recorded]") {
  Instead ours(recorded("co_05_reregistration"));
  ours.pass(3);
  const Lines asked = ours.supervisor.asked();
  CHECK(std::count(asked.begin(), asked.end(), "POST /register/capability") >= 2);
}

TEST_CASE("an old supervisor that forgot without a word is registered with again",
          "[calling][recorded]") {
  Instead ours(recorded("co_04_timeout"));
  const auto registrations = [&] {
    const Lines asked = ours.supervisor.asked();
    return std::count(asked.begin(), asked.end(), "POST /register/capability");
  };
  ours.pass(1);
  CHECK(registrations() == 1);
  ours.clock.suspend(15s);  // after which it knew the old component no more
  CHECK(registrations() == 2);
  ours.pass(3);  // it is kept alive
  CHECK(registrations() == 2);
}

TEST_CASE("whatever an old supervisor answers, all results arrive", "[calling][recorded]") {
  const auto good = recorded("co_01_register_poll_result");
  int errors = 0;
  for (Exchange error : recorded("co_03_supervisor_errors")) {
    // Each as the answer to what our component asks first of that kind.
    const auto ours = std::find_if(good.begin(), good.end(), [&](const Exchange& one) {
      return one.method == error.method && one.path == error.path;
    });
    if (ours == good.end()) continue;
    CAPTURE(error.path, error.response.status, error.response.body);
    error.request = ours->request;
    auto exchanges = good;
    exchanges.insert(exchanges.begin(), std::move(error));
    Instead instead(exchanges);
    instead.pass(12);
    const std::set<std::string> posted = instead.supervisor.posted();
    for (const auto& [token, outcome] : outcomes_of(good)) {
      CHECK(posted.count(std::string(outcome.kind()) + " " + token) == 1);
    }
    ++errors;
  }
  CHECK(errors > 20);
}

TEST_CASE("an old supervisor gets the runs that an old component lost", "[calling][recorded]") {
  Instead ours(recorded("co_07_repeated"));
  ours.pass(6);
  std::size_t runs = 0;
  for (const Message& message : ours.supervisor.messages()) {
    const auto* const envelope = message.find<Envelope>();
    if (envelope == nullptr) continue;
    CHECK(envelope->token);
    runs += envelope->size();
  }
  CHECK(runs >= 3);
}

TEST_CASE("callbacks of old supervisors are followed, and what stands beside them is done",
          "[calling][recorded]") {
  Instead ours(recorded("co_06_callback", "part 2"));
  ours.pass(6);
  // The old component dropped what stood behind a callback.
  CHECK(ours.supervisor.posted().count("result before") == 1);
  CHECK(ours.supervisor.posted().count("result after") == 1);
}

TEST_CASE("a supervisor may answer polls in all forms that were tried on the old component",
          "[calling][recorded]") {
  struct Case {
    std::string headline;
    std::size_t outcomes;  // results and exceptions that it is sent
  };
  const std::vector<Case> cases{
      {"404 for 'no specification'", 0},
      {"204: ignored", 0},
      {"500: ignored", 0},
      {"a bare specification", 1},
      {"specification with an empty link", 1},
      {"specification without link", 1},
      {"specification with a link to the same host", 1},
      {"specification with a link to another port", 1},
      {"link with scheme mplane-https", 1},
      {"content type of the answer", 1},
      {"malformed JSON", 0},
      {"unknown element", 1},
      {"a redemption in the envelope", 1},
      {"a token-only interrupt", 1},
  };
  for (const auto& [headline, outcomes] : cases) {
    CAPTURE(headline);
    Instead ours(recorded("co_08_component_vs_mock", headline));
    ours.pass(3);
    const std::size_t polls = ours.supervisor.polls();
    ours.pass(5);
    CHECK(ours.supervisor.polls() > polls);  // it goes on
    std::size_t came = 0;
    for (const std::string& line : ours.supervisor.posted()) {
      if (!line.starts_with("receipt")) ++came;
    }
    CHECK(came == outcomes);
  }
}

TEST_CASE("an old supervisor's wish to export elsewhere is refused with a sentence",
          "[calling][recorded]") {
  // It writes where to as a link; written as it should be, it is a matter of rules.
  auto exchanges = recorded("co_09_indirect_export");
  for (Exchange& exchange : exchanges) {
    auto& body = exchange.response.body;
    const auto at = body.find("\"link\"");
    if (at != std::string::npos) body.replace(at, 6, "\"export\"");
  }
  Instead ours(exchanges);
  ours.pass(4);
  const auto messages = ours.supervisor.messages();
  REQUIRE_FALSE(messages.empty());
  CHECK_THAT(brief(messages[0]), Catch::Contains("cannot be exported to"));
}
