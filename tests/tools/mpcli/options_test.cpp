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
  CHECK(options.urls == std::vector<std::string>{"https://probe.example.org:8890/capability"});
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
  CHECK(options.urls.empty());
  CHECK_FALSE(options.format);
  CHECK_FALSE(options.timeout);
}

TEST_CASE("the example in conf/ has no mistakes, also in what it leaves out", "[mpcli][options]") {
  const Options options = read_options(MPLANE_SOURCE "/conf/mpcli.yaml");
  CHECK(options.urls == std::vector<std::string>{"https://127.0.0.1:8890/capability"});
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
                                            "registries", "link-hosts", "format", "timeout",
                                            "parallel", "profile", "profiles"});
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
  file.urls = {"http://file/", "http://file/2"};
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
  flags.urls = {"http://flags/"};
  flags.timeout = std::chrono::seconds(1);
  const Options all = merged(merged(file, environment), flags);
  CHECK(all.urls == std::vector<std::string>{"http://flags/"});
  CHECK(all.tls.ca == "environment.ca");
  CHECK(all.tls.cert == "environment.cert");
  CHECK(all.tls.key == "file.key");
  CHECK(all.format == Format::Csv);
  CHECK(all.timeout == std::chrono::seconds(1));
  CHECK(all.registries == std::vector<std::string>{"file"});
  CHECK(all.registry_base == "/file");
}

TEST_CASE("a profile goes before what stands beside it", "[mpcli][options]") {
  const ScratchFolder folder;
  const auto file = folder.write("client.yaml", R"(
url: https://probe.example.org/
format: csv
tls: {ca: ca.crt, cert: usual.crt}
profile: lab
profiles:
  lab:
    url: [http://127.0.0.1:1/, http://127.0.0.1:2/]
    tls: {cert: lab.crt}
  field: {timeout: 1m, parallel: 7}
)");
  const Options lab = read_options(file);
  CHECK(lab.urls == std::vector<std::string>{"http://127.0.0.1:1/", "http://127.0.0.1:2/"});
  CHECK(lab.format == Format::Csv);
  CHECK(lab.tls.ca == folder.path() / "ca.crt");
  CHECK(lab.tls.cert == folder.path() / "lab.crt");
  const Options field = read_options(file, "field");
  CHECK(field.urls == std::vector<std::string>{"https://probe.example.org/"});
  CHECK(field.timeout == std::chrono::minutes(1));
  CHECK(field.parallel == 7);
  CHECK_THROWS_WITH(read_options(file, "labb"), Catch::Contains("labb") && Catch::Contains("lab"));
}

TEST_CASE("mistakes are found in every profile", "[mpcli][options]") {
  const ScratchFolder folder;
  const auto file = folder.write("client.yaml", R"(
profiles:
  lab: {formatt: csv}
  field: {parallel: 0}
)");
  CHECK_THROWS_WITH(read_options(file, "lab"), Catch::Contains("client.yaml:3") &&
                                                   Catch::Contains("format") &&
                                                   Catch::Contains("client.yaml:4"));
}

TEST_CASE("the usual file is looked for where such files are", "[mpcli][options]") {
  const ScratchFolder folder;
  std::filesystem::create_directories(folder.path() / "xdg/mplane");
  std::filesystem::create_directories(folder.path() / "home/.config/mplane");
  const auto xdg = folder.write("xdg/mplane/client.yaml", "");
  const auto home = folder.write("home/.config/mplane/client.yaml", "");
  const auto in = [&](const std::string& one, const std::string& other) {
    return default_file([&](const std::string& name) {
      return name == "XDG_CONFIG_HOME" ? one : name == "HOME" ? other : std::string();
    });
  };
  CHECK(in(folder.path() / "xdg", folder.path() / "home") == xdg);
  CHECK(in("", folder.path() / "home") == home);
  CHECK(in("", folder.path() / "nowhere").empty());
  CHECK(in("", "").empty());
}

TEST_CASE("URLs come from a file or a variable, too", "[mpcli][options]") {
  const ScratchFolder folder;
  const auto file =
      folder.write("urls", "# probes\nhttp://127.0.0.1:1/\n\n  http://127.0.0.1:2/  \n");
  const std::vector<std::string> both{"http://127.0.0.1:1/", "http://127.0.0.1:2/"};
  CHECK(read_urls(file) == both);
  CHECK_THROWS_WITH(read_urls(folder.write("none", "# none\n")), Catch::Contains("no URLs"));
  const auto set = [](const std::string& variable, const std::string& value) {
    return options_of([&](const std::string& name) { return name == variable ? value : ""; });
  };
  CHECK(set("MPLANE_URL", "http://127.0.0.1:1/ http://127.0.0.1:2/").urls == both);
  CHECK(set("MPLANE_FORMAT", "ndjson").format == Format::Ndjson);
  CHECK(set("MPLANE_TIMEOUT", "2m").timeout == std::chrono::minutes(2));
  CHECK_THROWS_WITH(set("MPLANE_FORMAT", "xml"), Catch::Contains("MPLANE_FORMAT"));
}
