#include "mplane/probes/common/name_lookup.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <ares.h>
#include <array>
#include <cstring>
#include <exception>
#include <map>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <utility>

namespace mplane {
namespace {

std::optional<Address> literal(const std::string& name) {
  try {
    return Address::parse(name);
  } catch (const Error&) {
    return std::nullopt;
  }
}

template <typename Ip, std::size_t N>
Address address_of(const void* from) {
  std::array<std::uint8_t, N> bytes{};
  std::memcpy(bytes.data(), from, N);
  return Address(Ip(bytes));
}

std::optional<Address> address_in(const ares_addrinfo_node& node) {
  if (node.ai_family == AF_INET && node.ai_addrlen >= sizeof(sockaddr_in)) {
    return address_of<Ip4, 4>(reinterpret_cast<const char*>(node.ai_addr) +
                              offsetof(sockaddr_in, sin_addr));
  }
  if (node.ai_family == AF_INET6 && node.ai_addrlen >= sizeof(sockaddr_in6)) {
    return address_of<Ip6, 16>(reinterpret_cast<const char*>(node.ai_addr) +
                               offsetof(sockaddr_in6, sin6_addr));
  }
  return std::nullopt;
}

ares_addr_port_node node_of(const Endpoint& server) {
  ares_addr_port_node node{};
  node.udp_port = node.tcp_port = server.port;
  if (server.host.is_ip4()) {
    node.family = AF_INET;
    std::memcpy(&node.addr.addr4, server.host.ip4().bytes().data(), sizeof node.addr.addr4);
  } else {
    node.family = AF_INET6;
    std::memcpy(&node.addr.addr6, server.host.ip6().bytes().data(), sizeof node.addr.addr6);
  }
  return node;
}

}  // namespace

struct NameLookup::Impl {
  Impl(Engine& of, NameLookupOptions with) : engine(of), options(std::move(with)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    done = {};
    if (channel != nullptr) ::ares_destroy(channel);
  }

  void begin(const std::string& name, IpFamily family, Done to) {
    done = std::move(to);
    start = std::chrono::steady_clock::now();
    if (const auto address = literal(name)) return answer_with(*address, family);
    open();
    deadline = engine.after(options.timeout, [this] { finish({.reason = "no answer in time"}); });
    ares_addrinfo_hints hints{};
    hints.ai_family = family == IpFamily::Ip4 ? AF_INET : AF_INET6;
    hints.ai_flags = ARES_AI_NOSORT;
    ::ares_getaddrinfo(channel, name.c_str(), nullptr, &hints, &Impl::on_answer, this);
    wait();
  }

  void answer_with(const Address& address, IpFamily family) {
    if (!address.is_network() && family_of(address) == family) {
      return finish({.addresses = {address}});
    }
    finish({.reason = family == IpFamily::Ip4 ? "it is no IPv4 host" : "it is no IPv6 host"});
  }

  void open() {
    ares_options how{};
    how.timeout = 1'000;
    how.tries = 3;
    how.sock_state_cb = &Impl::on_socket;
    how.sock_state_cb_data = this;
    constexpr int kMask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    int failed = ::ares_init_options(&channel, &how, kMask);
    if (failed == ARES_SUCCESS && !options.servers.empty()) failed = choose_servers();
    if (failed != ARES_SUCCESS) {
      throw Error(ErrorKind::Unavailable, "",
                  std::string("names cannot be resolved: ") + ::ares_strerror(failed));
    }
  }

  int choose_servers() {
    std::vector<ares_addr_port_node> nodes;
    for (const Endpoint& server : options.servers) nodes.push_back(node_of(server));
    for (std::size_t n = 1; n < nodes.size(); ++n) nodes[n - 1].next = &nodes[n];
    return ::ares_set_servers_ports(channel, nodes.data());
  }

  static void on_socket(void* self, ares_socket_t socket, int readable, int writable) {
    static_cast<Impl*>(self)->watch(socket, {.readable = readable != 0, .writable = writable != 0});
  }

  // c-ares calls this, which is C: nothing may be thrown through it.
  void watch(ares_socket_t socket, Readiness interest) noexcept try {
    if (!interest.readable && !interest.writable) {
      watches.erase(socket);
    } else if (const auto known = watches.find(socket); known != watches.end()) {
      known->second.want(interest);
    } else {
      watches[socket] = engine.watch(socket, interest,
                                     [this, socket](Readiness ready) { process(socket, ready); });
    }
  } catch (const std::exception& error) {
    finish({.reason = error.what()});
  }

  void process(ares_socket_t socket, Readiness ready) {
    ::ares_process_fd(channel, ready.readable || ready.failed ? socket : ARES_SOCKET_BAD,
                      ready.writable ? socket : ARES_SOCKET_BAD);
    wait();
  }

  void wait() {
    timeval room{};
    const timeval* const next = ::ares_timeout(channel, nullptr, &room);
    if (next == nullptr) return retry.cancel();
    const auto delay =
        std::chrono::seconds(next->tv_sec) + std::chrono::microseconds(next->tv_usec);
    retry = engine.after(delay, [this] {
      ::ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      wait();
    });
  }

  static void on_answer(void* self, int status, int /*timeouts*/, ares_addrinfo* found) {
    NameAnswer answer;
    if (status != ARES_SUCCESS) answer.reason = ::ares_strerror(status);
    const ares_addrinfo_node* node = found == nullptr ? nullptr : found->nodes;
    for (; node != nullptr; node = node->ai_next) {
      if (const auto address = address_in(*node)) answer.addresses.push_back(*address);
    }
    if (found != nullptr) ::ares_freeaddrinfo(found);
    static_cast<Impl*>(self)->finish(std::move(answer));
  }

  // The one who waits may destroy us: that has to happen outside of c-ares.
  void finish(NameAnswer answer) {
    if (!done) return;
    answer.took = std::chrono::steady_clock::now() - start;
    if (answer.addresses.empty() && answer.reason.empty()) answer.reason = "it has no address";
    deadline.cancel();
    end = engine.after(std::chrono::nanoseconds(0),
                       [told = std::exchange(done, {}), answer = std::move(answer)]() mutable {
                         told(std::move(answer));
                       });
  }

  Engine& engine;
  const NameLookupOptions options;
  Done done;
  SteadyTime start;
  ares_channel channel = nullptr;
  std::map<ares_socket_t, Watch> watches;
  Timer retry;
  Timer deadline;
  Timer end;
};

NameLookup::NameLookup(Engine& engine, NameLookupOptions options)
    : impl_(std::make_unique<Impl>(engine, std::move(options))) {}
NameLookup::~NameLookup() = default;

void NameLookup::begin(const std::string& name, IpFamily family, Done done) {
  impl_->begin(name, family, std::move(done));
}

}  // namespace mplane
