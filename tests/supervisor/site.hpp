#pragma once

#include "mplane/client.hpp"
#include "mplane/supervisor.hpp"
#include "supervisor/probe.hpp"
#include "support/log_book.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// A supervisor with its certificate, and who else there is.
class Site {
 public:
  explicit Site(SupervisionOptions options = {.relay = {"*"}}, AccessControl access = {},
                CreditOptions credits = {}) {
    if (!access.is_open()) {
      access = AccessControl({{pki_.identity("client").text(), {"user"}}},
                             {{"loop@" + name("one"), {"user"}},
                              {"loop@" + name("two"), {"user"}},
                              {"mesh", {"user"}},
                              {"query-*", {"user"}},
                              {"by-hand", {"user"}}});
    }
    options.below.registry = registry();
    options.below.listen = "127.0.0.1:0";
    options.below.tls = TlsContext(pki_.issue("supervisor"));
    options.below.log = log_.sink();
    ComponentOptions above;
    above.registry = registry();
    above.listen = "127.0.0.1:0";
    above.tls = TlsContext(pki_.issue("supervisor"));
    above.access = access;
    above.credits = std::move(credits);
    above.log = log_.sink();
    above.session.immediate = std::chrono::seconds(30);
    supervisor_ = std::make_unique<Supervisor>(above, options);
  }

  Supervisor& operator*() { return *supervisor_; }
  Supervisor* operator->() { return supervisor_.get(); }
  void stop() { supervisor_.reset(); }

  std::unique_ptr<Probe> probe(const std::string& who, std::vector<std::string> capabilities,
                               Probe::Answer answer) {
    auto probe = std::make_unique<Probe>(supervisor_->supervision().url(),
                                         HttpClientOptions{.tls = TlsContext(pki_.issue(who))},
                                         std::move(capabilities), std::move(answer));
    return probe;
  }
  /// One that answers with its name and what it was given.
  std::unique_ptr<Probe> echo(const std::string& who,
                              const std::string& capability = loop_capability()) {
    return probe(who, {capability}, [who](const Specification& specification) {
      return loop_result(specification, who + " " + specification.get<std::string>("test.input"));
    });
  }
  std::unique_ptr<Client> client(const std::string& who = "client") {
    ClientOptions options;
    options.registry = registry();
    options.tls = TlsContext(pki_.issue(who));
    auto client = std::make_unique<Client>(options);
    client->discover(to_string(supervisor_->component().url()) + "capabilities");
    return client;
  }
  std::string name(const std::string& who) const { return pki_.identity(who).text(); }
  const LogBook& log() const { return log_; }

 private:
  LogBook log_;
  TestPki pki_;
  std::unique_ptr<Supervisor> supervisor_;
};

inline std::vector<std::string> labels(const Client& client) {
  std::vector<std::string> labels;
  for (const Offer& offer : client.offers()) labels.push_back(offer.capability.label());
  return labels;
}

inline Pending ask(Client& client, const std::string& label, const std::string& input = "hello",
                   const std::string& when = "now") {
  const Capability& capability = client.find(label)->capability;
  auto builder = capability.specify(when);
  if (capability.schema().find_parameter("test.input")) {
    builder = std::move(builder).set("test.input", input);
  }
  return client.submit(std::move(builder).label(label).build(), capability);
}

/// What asking ends with, in words.
inline std::string failure_of(Client& client, const std::string& label,
                              const std::string& when = "now") {
  try {
    ask(client, label, "hello", when).wait_for(std::chrono::seconds(30));
  } catch (const Error& error) {
    return error.message();
  }
  return "none";
}

}  // namespace mplane::test
