#include "options.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <regex>
#include <set>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::read_file;
using mplane::test::ScratchFolder;

TEST_CASE("a configuration file is read", "[mpcli][options]") {
  const ScratchFolder folder;
  const auto options = read_options(folder.write("client.yaml", R"(
url: https://probe.example.org:8890/capability
tls: {ca: ca.crt, cert: certs/client.crt, key: /keys/client.key}
registries: [core, mine.json]
link-hosts: other.example.org
format: csv
timeout: 1m30s
)"));
  CHECK(options.url == "https://probe.example.org:8890/capability");
  CHECK(options.tls.ca == folder.path() / "ca.crt");
  CHECK(options.tls.cert == folder.path() / "certs/client.crt");
  CHECK(options.tls.key == "/keys/client.key");
  CHECK(options.tls.crl.empty());
  CHECK(options.registries == std::vector<std::string>{"core", "mine.json"});
  CHECK(options.registry_base == folder.path());
  CHECK(options.link_hosts == std::vector<std::string>{"other.example.org"});
  CHECK(options.format == Format::Csv);
  CHECK(options.timeout == std::chrono::seconds(90));
}

TEST_CASE("an empty configuration file sets nothing", "[mpcli][options]") {
  const ScratchFolder folder;
  const auto options = read_options(folder.write("client.yaml", ""));
  CHECK(options.url.empty());
  CHECK_FALSE(options.format);
  CHECK_FALSE(options.timeout);
}

TEST_CASE("the example in conf/ has no mistakes, also in what it leaves out", "[mpcli][options]") {
  const Options options = read_options(MPLANE_SOURCE "/conf/mpcli.yaml");
  CHECK(options.url == "https://127.0.0.1:8890/capability");
  CHECK(options.tls.key == MPLANE_SOURCE "/conf/pki/client-alice.key");

  const std::regex left_out(R"(\n( *)# ([a-z-]+: [^\n]*))");
  const std::string all =
      std::regex_replace(read_file(MPLANE_SOURCE "/conf/mpcli.yaml"), left_out, "\n$1$2");
  const ScratchFolder folder;
  const Options more = read_options(folder.write("mpcli.yaml", all));
  CHECK(more.tls.crl == folder.path() / "pki/ca.crl");
  CHECK(more.registries == std::vector<std::string>{"core", "loopback"});
  CHECK(more.link_hosts == std::vector<std::string>{"other.example.org"});
  CHECK(more.timeout == std::chrono::seconds(90));
}

TEST_CASE("the documentation names every key of a configuration file", "[mpcli][options]") {
  const std::string page = read_file(MPLANE_SOURCE "/doc/configuration.md");
  const std::string part = page.substr(page.find("\n## mpcli\n"));
  const std::regex row(R"(\n\| `([a-z.-]+)` \| )");
  std::set<std::string> documented;
  for (std::sregex_iterator match(part.begin(), part.end(), row), end; match != end; ++match) {
    documented.insert((*match)[1]);
  }
  CHECK(documented == std::set<std::string>{"url", "tls.ca", "tls.cert", "tls.key", "tls.crl",
                                            "registries", "link-hosts", "format", "timeout"});
  for (const std::string& key : documented) {
    const auto dot = key.find('.');
    const std::string text =
        dot == key.npos ? key + ":\n" : key.substr(0, dot) + ": {" + key.substr(dot + 1) + ": }\n";
    CAPTURE(text);
    const ScratchFolder folder;
    std::string words;
    try {
      read_options(folder.write("client.yaml", text));
    } catch (const Error& error) {
      words = error.what();
    }
    CHECK_THAT(words, !Catch::Contains("unknown key"));
  }
}

TEST_CASE("every mistake in a configuration file is named", "[mpcli][options]") {
  const ScratchFolder folder;
  const auto file = folder.write("client.yaml", R"(
ulr: http://127.0.0.1/
format: xml
timeout: soon
)");
  CHECK_THROWS_WITH(read_options(file),
                    Catch::Contains("client.yaml:2") && Catch::Contains("url") &&
                        Catch::Contains("client.yaml:3") && Catch::Contains("xml") &&
                        Catch::Contains("client.yaml:4") && Catch::Contains("soon"));
  CHECK_THROWS_AS(read_options(folder.path() / "missing.yaml"), Error);
}

TEST_CASE("what is set later wins", "[mpcli][options]") {
  Options file;
  file.url = "http://file/";
  file.tls.ca = "file.ca";
  file.tls.key = "file.key";
  file.format = Format::Csv;
  file.registries = {"file"};
  file.registry_base = "/file";
  const Options environment = options_of([](const std::string& name) -> std::string {
    if (name == "MPLANE_URL") return "http://environment/";
    if (name == "MPLANE_TLS_CA") return "environment.ca";
    if (name == "MPLANE_TLS_CERT") return "environment.cert";
    return "";
  });
  Options flags;
  flags.url = "http://flags/";
  flags.timeout = std::chrono::seconds(1);
  const Options all = merged(merged(file, environment), flags);
  CHECK(all.url == "http://flags/");
  CHECK(all.tls.ca == "environment.ca");
  CHECK(all.tls.cert == "environment.cert");
  CHECK(all.tls.key == "file.key");
  CHECK(all.format == Format::Csv);
  CHECK(all.timeout == std::chrono::seconds(1));
  CHECK(all.registries == std::vector<std::string>{"file"});
  CHECK(all.registry_base == "/file");
}
