#include "mplane/probes/http.hpp"

#include "mplane/probe/target_policy.hpp"
#include "probes/dns_reply.hpp"
#include "probes/listening.hpp"
#include "probes/name_server.hpp"
#include "probes/service_rig.hpp"
#include "probes/tls_server.hpp"
#include "support/link/two_hosts.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

std::string read_head(const std::function<int(char*, int)>& read) {
  std::string head;
  char block[2'048];
  while (head.find("\r\n\r\n") == std::string::npos) {
    const int count = read(block, sizeof block);
    if (count <= 0) return head;
    head.append(block, static_cast<std::size_t>(count));
  }
  return head;
}

/// Answers a request by what a function says to its first line.
Listening::Serve answering(const std::function<std::string(const std::string& line)>& answer) {
  return [answer](int connection) {
    const std::string head = read_head([&](char* block, int size) {
      return static_cast<int>(::recv(connection, block, static_cast<std::size_t>(size), 0));
    });
    const std::string reply = answer(head.substr(0, head.find("\r\n")));
    ::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
  };
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string moved(const std::string& where) {
  return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + where + "\r\n\r\n";
}

ServiceRig::Make probe(Texts settings = {}, TargetCheck check = {}) {
  settings.try_emplace("wait", "3s");
  return [settings, check](Engine& engine) {
    return make_http(probes_elements(), settings, {.engine = engine, .check_target = check});
  };
}

Texts get(const std::string& url, const std::string& version = "1.1") {
  return {{"destination.url", url}, {"http.version", version}};
}

std::string at(const Listening& server, const std::string& path = "/") {
  return "http://" + server.host() + ":" + std::to_string(server.port()) + path;
}

std::string text(const Result& result, std::string_view column) {
  return result.rows()[0].get<std::string>(column);
}
std::uint64_t number(const Result& result, std::string_view column) {
  return result.rows()[0].get<std::uint64_t>(column);
}

}  // namespace

TEST_CASE("a request tells status, size and each phase", "[http][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 10ms}});
  const Listening server(hosts.b(), TwoHosts::kB4,
                         answering([](const std::string&) { return ok("hello"); }));
  ServiceRig rig(hosts.a(), probe());
  const Result result = rig.result("http-get-ip4", get(at(server)));
  CHECK(text(result, "http.outcome") == "answered");
  CHECK(number(result, "http.status") == 200);
  CHECK(text(result, "http.version.used") == "1.1");
  CHECK(number(result, "octets.layer7") == 5);
  CHECK(to_string(result.rows()[0].get<Address>("destination.ip4")) == TwoHosts::kB4);
  CHECK(number(result, "delay.connect.tcp.us") >= 20'000);
  CHECK(number(result, "delay.firstbyte.us") >= 20'000);
  CHECK(number(result, "delay.total.us") >= 40'000);
  CHECK_FALSE(result.rows()[0].has_value("delay.handshake.tls.us"));
}

TEST_CASE("https has a phase more", "[http][network]") {
  const TestPki pki;
  const TlsOptions files = pki.issue("server");
  const TlsServer tls(files.cert, files.key);
  const std::string host = GENERATE("127.0.0.1", "::1");
  const Listening server(NetworkNamespace::current(), host, [&](int connection) {
    tls.serve(connection, [](SSL* session) {
      read_head([&](char* block, int size) { return ::SSL_read(session, block, size); });
      const std::string reply = ok("secret");
      ::SSL_write(session, reply.data(), static_cast<int>(reply.size()));
    });
  });
  ServiceRig rig(probe({{"ca-file", files.ca}}));
  const std::string label = host == "::1" ? "http-get-ip6" : "http-get-ip4";
  const std::string literal = host == "::1" ? "https://[::1]:" : "https://127.0.0.1:";
  const Result result = rig.result(label, get(literal + std::to_string(server.port()) + "/", "2"));
  CHECK(text(result, "http.outcome") == "answered");
  CHECK(number(result, "octets.layer7") == 6);
  CHECK(number(result, "delay.handshake.tls.us") > 0);
  ServiceRig suspicious(probe());  // who does not believe that authority
  const Result refused =
      suspicious.result(label, get(literal + std::to_string(server.port()) + "/"));
  CHECK(text(refused, "http.outcome") == "failed");
  CHECK_THAT(text(refused, "http.problem"), Catch::Contains("certificate"));
}

TEST_CASE("phases of https each take their part of the way", "[http][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 10ms}});
  const TestPki pki;
  const TlsOptions files = pki.issue_for("server", {}, {TwoHosts::kB4});
  const TlsServer tls(files.cert, files.key);
  const Listening server(hosts.b(), TwoHosts::kB4, [&](int connection) {
    tls.serve(connection, [](SSL* session) {
      read_head([&](char* block, int size) { return ::SSL_read(session, block, size); });
      const std::string reply = ok("secret");
      ::SSL_write(session, reply.data(), static_cast<int>(reply.size()));
    });
  });
  ServiceRig rig(hosts.a(), probe({{"ca-file", files.ca}}));
  const std::string url =
      "https://" + std::string(TwoHosts::kB4) + ":" + std::to_string(server.port()) + "/";
  const Result result = rig.result("http-get-ip4", get(url));
  REQUIRE(text(result, "http.outcome") == "answered");
  const std::uint64_t connect = number(result, "delay.connect.tcp.us");
  const std::uint64_t handshake = number(result, "delay.handshake.tls.us");
  const std::uint64_t first = number(result, "delay.firstbyte.us");
  CHECK(connect >= 20'000);
  CHECK(handshake >= 20'000);  // from the hello to the last of what answers it
  CHECK(first >= 20'000);
  CHECK(connect + handshake + first + number(result, "delay.transfer.us") <=
        number(result, "delay.total.us"));
}

TEST_CASE("redirects are followed, counted and bounded", "[http][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1",
                         answering([](const std::string& line) {
                           if (line.find("/a ") != std::string::npos) return moved("/b");
                           if (line.find("/b ") != std::string::npos) return moved("/c");
                           if (line.find("/loop ") != std::string::npos) return moved("/loop");
                           return ok("there");
                         }));
  ServiceRig rig(probe({{"max-redirects", "3"}}));
  const Result result = rig.result("http-get-ip4", get(at(server, "/a")));
  CHECK(text(result, "http.outcome") == "answered");
  CHECK(number(result, "http.redirects") == 2);
  CHECK(result.rows()[0].get<Uri>("content.url").text() == at(server, "/c"));
  const Result loop = rig.result("http-get-ip4", get(at(server, "/loop")));
  CHECK(text(loop, "http.outcome") == "redirected");
  CHECK(number(loop, "http.redirects") == 3);
  CHECK(number(loop, "http.status") == 302);
}

TEST_CASE("a redirect to where one must not measure is refused", "[http][network]") {
  const Listening secret(NetworkNamespace::current(), "127.0.0.2",
                         answering([](const std::string&) { return ok("secret"); }));
  const Listening server(NetworkNamespace::current(), "127.0.0.1",
                         answering([&](const std::string&) { return moved(at(secret)); }));
  const TargetPolicy policy({.allow = {Address::parse("127.0.0.1")}});
  ServiceRig rig(probe({}, [policy](const Address& target) { policy.check(target); }));
  CHECK_THAT(rig.exception("http-get-ip4", get(at(server))), Catch::Contains("127.0.0.2"));
  CHECK(secret.connections() == 0);
  ServiceRig open(probe());
  CHECK(text(open.result("http-get-ip4", get(at(server))), "http.outcome") == "answered");
}

TEST_CASE("a redirect to a file is not followed", "[http][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1",
                         answering([](const std::string&) { return moved("file:///etc/passwd"); }));
  ServiceRig rig(probe());
  const Result result = rig.result("http-get-ip4", get(at(server)));
  CHECK(text(result, "http.outcome") == "redirected");
  CHECK_THAT(text(result, "http.problem"), Catch::Contains("neither http nor https"));
}

TEST_CASE("a body that is too long is cut", "[http][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1",
                         answering([](const auto&) { return ok(std::string(100'000, 'x')); }));
  ServiceRig rig(probe({{"max-octets", "1000"}}));
  const Result result = rig.result("http-get-ip4", get(at(server)));
  CHECK(text(result, "http.outcome") == "cut");
  CHECK(number(result, "http.status") == 200);
}

TEST_CASE("servers that answer nonsense, nothing, or hang up", "[http][network]") {
  const NetworkNamespace here = NetworkNamespace::current();
  const Listening nonsense(here, "127.0.0.1",
                           answering([](const std::string&) { return "\x01\x02\x03 what?\r\n"; }));
  const Listening hangs_up(here, "127.0.0.1");
  const Listening half(here, "127.0.0.1", answering([](const std::string&) {
                         return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
                       }));
  const Listening chatty(here, "127.0.0.1", answering([](const std::string&) {
                           std::string head = "HTTP/1.1 200 OK\r\n";
                           while (head.size() < 1'000'000) head += "X-More: of this\r\n";
                           return head + "\r\n";
                         }));
  const Listening silent(here, "127.0.0.1", [](int connection) {
    char block[4'096];
    while (::recv(connection, block, sizeof block, 0) > 0) {
    }
  });
  ServiceRig rig(probe({{"wait", "500ms"}}));
  CHECK(text(rig.result("http-get-ip4", get(at(nonsense))), "http.outcome") == "failed");
  CHECK(text(rig.result("http-get-ip4", get(at(hangs_up))), "http.outcome") == "failed");
  CHECK(text(rig.result("http-get-ip4", get(at(chatty))), "http.outcome") == "broken");
  const Result broken = rig.result("http-get-ip4", get(at(half)));
  CHECK(text(broken, "http.outcome") == "broken");
  CHECK(number(broken, "octets.layer7") == 4);
  const Result nothing = rig.result("http-get-ip4", get(at(silent)));
  CHECK(text(nothing, "http.outcome") == "timed-out");
  CHECK_FALSE(nothing.rows()[0].has_value("http.status"));
  const Result refused = rig.result("http-get-ip4", get("http://127.0.0.1:9/"));
  CHECK(text(refused, "http.outcome") == "failed");
}

TEST_CASE("URLs that cannot be asked for are refused at once", "[http]") {
  ServiceRig rig(probe());
  CHECK_THAT(rig.exception("http-get-ip4", get("ftp://127.0.0.1/")),
             Catch::Contains("neither http nor https"));
  CHECK_THAT(rig.exception("http-get-ip4", get("http:///path")), Catch::Contains("URL"));
  const Result other = rig.result("http-get-ip6", get("http://127.0.0.1/"));
  CHECK(text(other, "http.outcome") == "unresolved");
}

TEST_CASE("a host that is written in another way is the same host", "[http][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1",
                         answering([](const std::string&) { return ok("here"); }));
  const TargetPolicy policy;
  ServiceRig careful(probe({}, [policy](const Address& target) { policy.check(target); }));
  ServiceRig rig(probe());
  for (const std::string host :
       {"127.1", "0x7f000001", "2130706433", "LocalHost", "user:pw@127.0.0.1"}) {
    CAPTURE(host);
    const Texts request = get("http://" + host + ":" + std::to_string(server.port()) + "/");
    CHECK_THAT(careful.exception("http-get-ip4", request), Catch::Contains("127.0.0.1"));
    CHECK(text(rig.result("http-get-ip4", request), "http.outcome") == "answered");
  }
  CHECK(server.connections() == 5);
}

TEST_CASE("a host is asked by the name that it has, whatever that is", "[http][network]") {
  const NetworkNamespace here = NetworkNamespace::current();
  const NameServer names(here, "127.0.0.1", [](const Packet& query, bool) {
    return std::vector<Packet>{DnsReply(query).answer(1, {127, 0, 0, 1}).packet()};
  });
  const Listening server(here, "127.0.0.1",
                         answering([](const std::string&) { return ok("here"); }));
  ServiceRig rig(probe({{"resolver", "127.0.0.1:" + names.port()}}));
  for (const std::string host : {"www.example", "-www.example"}) {
    CAPTURE(host);
    const Result result = rig.result(
        "http-get-ip4", get("http://" + host + ":" + std::to_string(server.port()) + "/"));
    CHECK(text(result, "http.outcome") == "answered");
  }
}

TEST_CASE("a request that is stopped says that it was interrupted", "[http][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), probe({{"wait", "1h"}}));
  std::stop_source stop;
  auto later = rig.start("http-get-ip4", "now", get("http://10.77.0.2/"), stop.get_token());
  while (hosts.log().empty()) std::this_thread::yield();
  stop.request_stop();
  CHECK(text(std::get<Result>(later.get()), "http.outcome") == "interrupted");
}

TEST_CASE("settings and registry of http have to be right", "[http]") {
  Engine engine;
  const ProbeContext context{.engine = engine};
  CHECK_THROWS_WITH(make_http(probes_elements(), {{"ca-file", "/nowhere/ca.crt"}}, context),
                    Catch::Contains("ca-file: /nowhere/ca.crt"));
  CHECK_THROWS_WITH(make_http(probes_elements(), {{"resolver", "dns.example"}}, context),
                    Catch::Contains("resolver: \"dns.example\" is no server"));
  CHECK_THROWS_WITH(make_http(probes_elements(), {{"max-redirects", "101"}}, context),
                    Catch::Contains("is no number from 0 to 100"));
  CHECK_THROWS_WITH(make_http(Registry::core(), {}, context),
                    Catch::Contains("http needs the registry"));
}
