#include "supervisor/probe.hpp"

#include "mplane/model/json.hpp"

#include <chrono>

namespace mplane::test {

Registry registry() {
  static constexpr const char* kIncluded = R"({"registry-format": "mplane-0",
      "registry-revision": 0, "registry-uri": "urn:test:loop",
      "includes": ["http://ict-mplane.eu/registry/core"],
      "elements": [{"name": "test.input", "prim": "string"},
                   {"name": "test.output", "prim": "string"},
                   {"name": "composition.missing", "prim": "string"},
                   {"name": "composition.components", "prim": "string"},
                   {"name": "composition.sample", "prim": "natural"},
                   {"name": "composition.seed", "prim": "natural"},
                   {"name": "composition.spread", "prim": "string"},
                   {"name": "composition.same-as", "prim": "string"},
                   {"name": "composition.list", "prim": "string"},
                   {"name": "supervision.asker", "prim": "string"}]})";
  return Registry::decode(kIncluded);
}

std::string loop_capability(const std::string& label, const std::string& input,
                            const std::string& as) {
  return R"({"capability":"measure","version":1,"registry":"urn:test:loop","label":")" + label +
         R"(","when":"now ... future","parameters":{"test.input":")" + input +
         R"("},"metadata":{"observer.as":")" + as + R"("},"results":["test.output"]})";
}

std::string text(const Result& result) {
  std::string text;
  for (const Row row : result.rows()) {
    for (std::size_t i = 0; i < result.columns().size(); ++i) {
      text += (i == 0 ? "" : "|") + to_string(row.value(i));
    }
    text += "\n";
  }
  return text;
}

std::string loop_result(const Specification& specification, const std::string& output) {
  const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  return encode(Result(specification).measured(now, now).row({{"test.output", output}}));
}

Probe::Probe(const Url& supervisor, HttpClientOptions options,
             std::vector<std::string> capabilities, Answer answer)
    : url_(supervisor),
      options_(std::move(options)),
      capabilities_(std::move(capabilities)),
      answer_(std::move(answer)),
      polls_(url_, options_) {
  HttpClient client(url_, options_);
  enroll(client);
  thread_ = std::thread([this] { run(); });
}

Probe::~Probe() {
  leave();
  thread_.join();
}

void Probe::leave() {
  over_ = true;
  polls_.cancel();
}

void Probe::enroll_anew() const {
  HttpClient client(url_, options_);
  enroll(client);
}

void Probe::enroll(HttpClient& client) const {
  std::string contents = R"({"capability":"callback","version":1,"registry":"urn:test:loop",
      "label":"callback","when":"now ... future"})";
  for (const std::string& capability : capabilities_) contents += "," + capability;
  client.post("/register/capability", kMediaType,
              R"({"envelope":"message","version":1,"contents":[)" + contents + "]}");
}

void Probe::run() {
  try {
    while (!over_) {
      const HttpReply reply = polls_.get("/show/specification");
      if (reply.status == 428) {
        enroll(polls_);
        continue;
      }
      const Message message = decode(reply.body, registry());
      for (const Message& one : message.find<Envelope>()->messages()) obey(one);
    }
  } catch (const Error&) {
    return;  // the supervisor is gone, or we are
  }
}

void Probe::obey(const Message& message) {
  if (message.label() == "callback") return;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back((message.find<Interrupt>() != nullptr ? "!" : "") + message.token());
  }
  changed_.notify_all();
  if (const auto* const specification = message.find<Specification>()) {
    const auto answer = answer_(*specification);
    if (!answer) return;
    send(*answer);
    {
      const std::lock_guard lock(mutex_);
      ++answers_;
    }
    changed_.notify_all();
  }
}

int Probe::send(const std::string& message) {
  return HttpClient(url_, options_).post("/register/result", kMediaType, message).status;
}

std::vector<std::string> Probe::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

bool Probe::wait_for_questions(const std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return asked_.size() >= count; });
}

bool Probe::wait_for_answers(const std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return answers_ >= count; });
}

}  // namespace mplane::test
