#include "mplane/session/tls.hpp"

#include "mplane/model/error.hpp"
#include "mplane/session/pki.hpp"
#include "support/pki.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using Catch::Contains;
using Catch::StartsWith;
using test::TestPki;

/// Which file is complained of, and how.
struct Complaint {
  std::string where;
  std::string message;
};

Complaint complaint_of(const TlsOptions& options) {
  try {
    const TlsContext context(options);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
    return {error.where(), error.message()};
  }
  return {};
}

TEST_CASE("certificates and key are read from files", "[tls]") {
  const TestPki pki;
  const TlsContext context(pki.issue("probe-1"));
  REQUIRE(context.identity());
  CHECK(context.identity()->text() == "org.mplane.Test.Clients.probe-1");
  REQUIRE(context.expires());
  CHECK(*context.expires() > std::chrono::system_clock::now() + std::chrono::hours(23));
}

TEST_CASE("a client may have no certificate", "[tls]") {
  const TlsContext context(TestPki().without_certificate());
  CHECK_FALSE(context.identity());
  CHECK_FALSE(context.expires());
}

TEST_CASE("a file that is missing or no file is named with the reason", "[tls]") {
  const TestPki pki;
  const TlsOptions good = pki.issue("probe-1");
  const auto member =
      GENERATE(&TlsOptions::ca, &TlsOptions::cert, &TlsOptions::key, &TlsOptions::crl);
  TlsOptions options = good;
  options.*member = pki.folder().path() / "absent";
  CHECK(complaint_of(options).where == options.*member);
  CHECK_THAT(complaint_of(options).message, Contains("No such file"));
  options.*member = pki.folder().path();
  CHECK_THAT(complaint_of(options).message, Contains("directory"));
  options.*member = pki.folder().write("nonsense", "nonsense\n");
  CHECK(complaint_of(options).where == options.*member);
  CHECK_THAT(complaint_of(options).message, Contains("holds no PEM"));
  options.*member = pki.folder().write("empty", "");
  CHECK_THAT(complaint_of(options).message, Contains("holds no PEM"));
}

TEST_CASE("files that do not belong together are refused", "[tls]") {
  const TestPki pki;
  TlsOptions options = pki.issue("probe-1");
  const TlsOptions other = pki.issue("probe-2");
  SECTION("another's key") {
    options.key = other.key;
    CHECK(complaint_of(options).where == other.key);
    CHECK_THAT(complaint_of(options).message, Contains("does not fit the certificate"));
  }
  SECTION("certificate and key exchanged") {
    std::swap(options.cert, options.key);
    CHECK_THAT(complaint_of(options).message, Contains("holds no PEM certificate"));
  }
  SECTION("a certificate without key") {
    options.key.clear();
    CHECK_THAT(complaint_of(options).message, Contains("together"));
  }
  SECTION("a key without certificate") {
    options.cert.clear();
    CHECK_THAT(complaint_of(options).message, Contains("together"));
  }
  SECTION("no authority") {
    options.ca.clear();
    CHECK(complaint_of(options).where == "tls/ca");
  }
}

TEST_CASE("a certificate cut short is told from none", "[tls]") {
  const TestPki pki;
  TlsOptions options = pki.issue("probe-1");
  std::string text = test::read_file(options.cert);
  text.erase(text.size() / 2, 8);
  options.cert = pki.folder().write("cut.crt", text);
  CHECK_THAT(complaint_of(options).message, Contains("cannot be read"));
}

TEST_CASE("an encrypted key is refused with a hint", "[tls]") {
  const TestPki pki;
  TlsOptions options = pki.issue("probe-1");
  options.key = pki.folder().write("encrypted.key",
                                   "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n"
                                   "-----END ENCRYPTED PRIVATE KEY-----\n");
  CHECK_THAT(complaint_of(options).message, Contains("pass phrase"));
}

TEST_CASE("a certificate out of its validity is refused", "[tls]") {
  const TestPki pki;
  CHECK_THAT(complaint_of(pki.issue_expired("old")).message, Contains("expired at"));
}

TEST_CASE("a revocation list that is outdated is refused", "[tls]") {
  const TestPki pki;
  const auto now = std::chrono::system_clock::now();
  TlsOptions options = pki.issue("probe-1");
  options.crl = pki.folder().write(
      "old.crl",
      pki::revoke(pki.authority(), {}, {now - std::chrono::hours(2), now - std::chrono::hours(1)}));
  CHECK_THAT(complaint_of(options).message, Contains("was to be renewed by"));
}

TEST_CASE("a key that others can read and a certificate that ends soon are warned of", "[tls]") {
  const TestPki pki;
  const TlsOptions options = pki.issue("probe-1");
  std::vector<LogRecord> records;
  const LogSink sink = [&](const LogRecord& record) { records.push_back(record); };
  TlsContext(options, sink);
  REQUIRE(records.size() == 2);
  CHECK_THAT(records[0].message, Contains("an authority's certificate ends soon"));
  CHECK(records[0].fields[0].second == options.ca.string());
  CHECK(records[1].severity == Severity::Warning);
  CHECK_THAT(records[1].message, Contains("the certificate ends soon"));
  CHECK(records[1].fields[0].second == options.cert.string());
  CHECK(records[1].fields[1].second == pki.identity("probe-1").text());

  std::filesystem::permissions(options.key, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  records.clear();
  TlsContext(options, sink);
  REQUIRE(records.size() == 3);
  CHECK_THAT(records[0].message, Contains("private key"));
  CHECK(records[0].fields[0].second == options.key.string());
}

TEST_CASE("what ends is warned of from thirty days on, a revocation list later", "[tls]") {
  using What = TlsEnding::What;
  using std::chrono::hours;
  constexpr hours kDay(24);
  const std::chrono::system_clock::time_point end{kDay * 20'000};
  struct Row {
    What what;
    hours good_for;
    hours left;
    std::string says;  // nothing: no warning yet
  };
  const std::vector<Row> rows{
      {What::Certificate, 365 * kDay, 31 * kDay, ""},
      {What::Certificate, 365 * kDay, 30 * kDay, "warning: the certificate ends soon: at "},
      {What::Certificate, 365 * kDay, hours(1), "warning: the certificate ends soon: at "},
      {What::Certificate, 365 * kDay, hours(0), "error: the certificate has ended: it was good"},
      {What::Authority, 3650 * kDay, 29 * kDay, "warning: an authority's certificate ends soon"},
      {What::Authority, 3650 * kDay, -kDay, "error: an authority's certificate has ended"},
      {What::RevocationList, 9 * kDay, 4 * kDay, ""},
      {What::RevocationList, 9 * kDay, 3 * kDay, "warning: the revocation list ends soon"},
      {What::RevocationList, 365 * kDay, 31 * kDay, ""},
      {What::RevocationList, 365 * kDay, 30 * kDay, "warning: the revocation list ends soon"},
      {What::RevocationList, 9 * kDay, -kDay, "error: the revocation list has ended"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says, row.left.count());
    const TlsEnding ending{row.what, "some.pem", "org.example", end - row.good_for, end};
    const auto warning = warning_of(ending, end - row.left);
    REQUIRE(warning.has_value() == !row.says.empty());
    if (!warning) continue;
    const bool over = warning->severity == Severity::Error;
    CHECK_THAT((over ? "error: " : "warning: ") + warning->message, StartsWith(row.says));
    CHECK(warning->fields[0].second == "some.pem");
  }
}

TEST_CASE("all that ends is listed with its file and whose it is", "[tls]") {
  const TestPki pki;
  TlsOptions options = pki.issue("probe-1");
  options.crl = pki.revoke({});
  const TlsContext context(options);
  REQUIRE(context.endings().size() == 3);
  CHECK(context.endings()[0].file == options.ca);
  CHECK(context.endings()[1].file == options.crl);
  CHECK(context.endings()[1].name == context.endings()[0].name);
  CHECK(context.endings()[2].file == options.cert);
  CHECK(context.endings()[2].until == context.expires());
}

TEST_CASE("a revocation list cut short is told from a whole one", "[tls]") {
  const TestPki pki;
  TlsOptions options = pki.issue("probe-1");
  const std::string whole = test::read_file(pki.revoke({}));
  options.crl = pki.folder().write("cut.crl", whole + whole.substr(0, whole.size() / 2));
  CHECK_THAT(complaint_of(options).message, Contains("a revocation list in it cannot be read"));
}

}  // namespace
}  // namespace mplane
