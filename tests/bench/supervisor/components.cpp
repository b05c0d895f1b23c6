#include "components.hpp"

#include "mplane/model/json.hpp"
#include "mplane/model/message.hpp"

#include <poll.h>
#include <stdexcept>

namespace bench {

const mplane::Capability& ping() {
  static const auto* const capability =
      new mplane::Capability(mplane::Capability::measure("ping-average-ip4")
                                 .when("now ... future / 1s")
                                 .parameter("source.ip4")
                                 .parameter("destination.ip4")
                                 .result("delay.twoway.icmp.us.min")
                                 .result("delay.twoway.icmp.us.mean")
                                 .result("delay.twoway.icmp.us.max")
                                 .result("delay.twoway.icmp.count")
                                 .build(mplane::Registry::core()));
  return *capability;
}

std::string poll() { return "GET /show/specification HTTP/1.1\r\nHost: supervisor\r\n\r\n"; }

Components::Components(const mplane::test::TestPki& pki, const std::uint16_t port,
                       const std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    members_.push_back(std::make_unique<Member>(pki.issue(name(i)), port));
  }
}

void Components::enroll() {
  const std::string request = post(mplane::encode(ping()), "/register/capability");
  const std::string answer = round(std::vector(size(), request));
  if (answer.find("\"ok\"") == std::string::npos) {
    throw std::runtime_error("not registered: " + answer);
  }
}

std::string Components::round(const std::vector<std::string>& requests) {
  for (std::size_t i = 0; i < size(); ++i) (*this)[i].write(requests[i]);
  std::string last;
  for (std::size_t i = 0; i < size(); ++i) last = (*this)[i].read();
  return last;
}

void Components::converse(const std::vector<std::vector<std::string>>& rounds) {
  std::vector<pollfd> answers;
  std::vector<std::size_t> sent(size(), 0);
  for (std::size_t i = 0; i < size(); ++i) {
    answers.push_back({(*this)[i].descriptor(), POLLIN, 0});
    (*this)[i].write(rounds[sent[i]++][i]);
  }
  for (std::size_t left = size(); left > 0;) {
    if (::poll(answers.data(), answers.size(), -1) < 0) throw std::runtime_error("cannot poll");
    for (std::size_t i = 0; i < size(); ++i) {
      if (answers[i].revents == 0) continue;
      (*this)[i].read();
      if (sent[i] < rounds.size()) {
        (*this)[i].write(rounds[sent[i]++][i]);
      } else {
        answers[i].fd = -1;  // is not looked at any more
        --left;
      }
    }
  }
}

std::vector<std::vector<mplane::Specification>> Components::fetch(const std::size_t count) {
  std::vector<std::vector<mplane::Specification>> all(size());
  for (std::size_t i = 0; i < size(); ++i) {
    while (all[i].size() < count) {
      (*this)[i].write(poll());
      const auto answer = mplane::decode((*this)[i].read(), mplane::Registry::core());
      for (const mplane::Message& message : answer.find<mplane::Envelope>()->messages()) {
        if (const auto* const asked = message.find<mplane::Specification>()) {
          all[i].push_back(*asked);
        }
      }
    }
  }
  return all;
}

}  // namespace bench
