#include "mplane/session/pki.hpp"
#include "mplane/session/tls.hpp"
#include "support/program.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::Ended;
using mplane::test::read_file;
using mplane::test::ScratchFolder;

namespace {

Ended mppki(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), MPPKI);
  return test::run_program(arguments);
}

/// A folder with an authority of example.org in it.
class Authority {
 public:
  Authority() { REQUIRE(mppki({"init", "--dir", dir(), "--domain", "example.org"}).code == 0); }

  std::string dir() const { return (folder_.path() / "pki").string(); }
  std::string file(const std::string& name) const { return dir() + "/" + name; }
  Ended issue(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"issue", "--dir", dir()});
    return mppki(arguments);
  }

 private:
  ScratchFolder folder_;
};

}  // namespace

TEST_CASE("an authority issues what both ends of a connection need") {
  const Authority authority;
  const Ended ended = authority.issue({"component", "probe-1", "--dns", "probe.example.org",
                                       "--dns", "localhost", "--ip", "192.0.2.1", "--ip", "::1"});
  CHECK(ended.err.empty());
  REQUIRE(ended.code == 0);
  CHECK(ended.out.find("org.example.component.probe-1: ") == 0);

  const TlsContext context({.ca = authority.file("ca.crt"),
                            .cert = authority.file("component-probe-1.crt"),
                            .key = authority.file("component-probe-1.key")});
  CHECK(context.identity() == Identity("org.example.component.probe-1"));
}

TEST_CASE("only their owner can read the files") {
  const Authority authority;
  REQUIRE(authority.issue({"client", "me"}).code == 0);
  for (const char* const name : {"ca.crt", "ca.key", "client-me.crt", "client-me.key"}) {
    INFO(name);
    CHECK(std::filesystem::status(authority.file(name)).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }
  CHECK(std::filesystem::status(authority.dir()).permissions() ==
        std::filesystem::perms::owner_all);
}

TEST_CASE("nothing is overwritten unless that is asked for") {
  const Authority authority;
  REQUIRE(authority.issue({"client", "me"}).code == 0);
  const std::string key = read_file(authority.file("client-me.key"));

  const Ended refused = authority.issue({"client", "me"});
  CHECK(refused.code == 2);
  CHECK(refused.err.find("client-me.key: is there already; --force replaces it") !=
        std::string::npos);
  CHECK(read_file(authority.file("client-me.key")) == key);

  CHECK(authority.issue({"client", "me", "--force"}).code == 0);
  CHECK(read_file(authority.file("client-me.key")) != key);
  CHECK(mppki({"init", "--dir", authority.dir(), "--domain", "example.org"}).code == 2);
}

TEST_CASE("a certificate is shown as access control sees it") {
  const Authority authority;
  REQUIRE(authority.issue({"supervisor", "s.1", "--ip", "127.0.0.1"}).code == 0);
  const Ended shown = mppki({"show", authority.file("supervisor-s.1.crt")});
  CHECK(shown.code == 0);
  CHECK(shown.out.find("identity  org.example.supervisor.s\\.1\n") != std::string::npos);
  CHECK(shown.out.find("issuer    org.example.mPlane CA\n") != std::string::npos);
  CHECK(shown.out.find("names     127.0.0.1\n") != std::string::npos);
  CHECK(shown.out.find("(824 days left)\n") != std::string::npos);
  CHECK(shown.out.find("authority no\n") != std::string::npos);
}

TEST_CASE("a client's certificate is none for a server") {
  const Authority authority;
  struct Row {
    std::string role;
    std::string use;
  };
  for (const Row& row :
       {Row{"component", "use       server, client\n"},
        Row{"supervisor", "use       server, client\n"}, Row{"client", "use       client\n"}}) {
    INFO(row.role);
    REQUIRE(authority.issue({row.role, "x"}).code == 0);
    const Ended shown = mppki({"show", authority.file(row.role + "-x.crt")});
    CHECK(shown.out.find(row.use) != std::string::npos);
  }
  const Ended shown = mppki({"show", authority.file("ca.crt")});
  CHECK(shown.out.find("use       to sign others\n") != std::string::npos);
}

TEST_CASE("output that cannot be written is an error") {
  const Authority authority;
  for (const std::string& arguments : {"show " + authority.file("ca.crt"), std::string("--help")}) {
    INFO(arguments);
    const Ended ended = test::run_program({"/bin/sh", "-c", MPPKI " " + arguments + " >/dev/full"});
    CHECK(ended.code == 1);
    CHECK(ended.err == "mppki: standard output: cannot be written: No space left on device\n");
  }
}

TEST_CASE("what cannot be issued is refused with what is wrong") {
  const Authority authority;
  struct Row {
    std::vector<std::string> arguments;
    std::string sentence;
  };
  const std::vector<Row> rows = {
      {{"client", "../me"}, "\"../me\" is no name"},
      {{"client", ""}, "\"\" is no name"},
      {{"client", std::string(65, 'x')}, "is no name"},
      {{"client", "me", "--ip", "192.0.2.300"}, "192.0.2.300"},
      {{"client", "me", "--days", "0"}, "--days"},
      {{"king", "me"}, "king not in"},
      {{"client"}, "NAME is required"},
  };
  for (const Row& row : rows) {
    const Ended ended = authority.issue(row.arguments);
    INFO(row.sentence << " / " << ended.err);
    CHECK(ended.code == 2);
    CHECK(ended.err.find(row.sentence) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(authority.file("client-me.crt")));
  }
}

TEST_CASE("an authority needs a domain and a folder that can be written") {
  const ScratchFolder folder;
  for (const char* const domain : {"", ".", "example..org", "exa mple.org", "-x.org", "a/b"}) {
    INFO(domain);
    const Ended ended = mppki({"init", "--dir", folder.path() / "pki", "--domain", domain});
    CHECK(ended.code == 2);
    CHECK(ended.err.find("is no domain name") != std::string::npos);
  }
  const std::string file = folder.write("file", "");
  const Ended ended = mppki({"init", "--dir", file + "/pki", "--domain", "example.org"});
  CHECK(ended.code == 2);
  CHECK(ended.err.find(file + "/pki: ") != std::string::npos);
}

TEST_CASE("without an authority nothing is issued") {
  const ScratchFolder folder;
  const Ended ended = mppki({"issue", "--dir", folder.path(), "client", "me"});
  CHECK(ended.code == 2);
  CHECK(ended.err.find("ca.crt: cannot be read: No such file or directory") != std::string::npos);
}

TEST_CASE("what is no certificate is not shown") {
  const ScratchFolder folder;
  const std::string file = folder.write("x.crt", "nothing");
  const Ended ended = mppki({"show", file});
  CHECK(ended.code == 2);
  CHECK(ended.err.find(file) != std::string::npos);
}
