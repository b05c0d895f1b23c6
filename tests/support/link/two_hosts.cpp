#include "support/link/two_hosts.hpp"

#include "support/link/veth_hosts.hpp"

#include <algorithm>
#include <future>
#include <string>

namespace mplane::test {
TwoHosts::TwoHosts(const LinkSettings& settings) {
  between_.set("ipv6/conf/all/disable_ipv6", "1");  // the link itself says nothing
  between_.set("ipv6/conf/default/disable_ipv6", "1");
  connect(a_, "link-a", 1);
  connect(b_, "link-b", 2);
  await_carrier(a_, "eth0");
  await_carrier(b_, "eth0");
  await_address(a_, 1);
  await_address(b_, 2);
  await_carrier(between_, "link-a");  // before that the system drops what the link sends on
  await_carrier(between_, "link-b");
  const auto note = [this](const LinkRecord& record) {
    const detail::Lock lock(mutex_);
    log_.push_back(record);
  };
  link_ = std::async(std::launch::async, [&] {
            between_.enter();
            return std::make_unique<Link>("link-a", "link-b", settings, note);
          }).get();
}

TwoHosts::~TwoHosts() = default;

std::vector<LinkRecord> TwoHosts::log() const {
  const detail::Lock lock(mutex_);
  return log_;
}

std::size_t TwoHosts::count(const std::function<bool(const LinkRecord&)>& such) const {
  const auto records = log();
  return static_cast<std::size_t>(std::count_if(records.begin(), records.end(), such));
}

void TwoHosts::connect(const NetworkNamespace& host, const std::string& end, int number) {
  between_.run("ip link add " + end + " type veth peer name eth0 netns " + host.path());
  between_.run("ip link set " + end + " up");
  configure_host(host, number);
}

}  // namespace mplane::test
