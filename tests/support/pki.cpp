#include "support/pki.hpp"

#include <filesystem>
#include <utility>

namespace mplane::test {
namespace {

using std::chrono::hours;
using std::chrono::system_clock;

std::string write_secret(const ScratchFolder& folder, const std::string& name,
                         const std::string& content) {
  const std::string file = folder.write(name, content);
  std::filesystem::permissions(
      file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return file;
}

}  // namespace

pki::Validity valid_today() {
  return {system_clock::now() - hours(1), system_clock::now() + hours(24)};
}

TestPki::TestPki(const std::string& organisation)
    : organisation_(organisation),
      // Ends later than what it issues, so that the two are told apart.
      authority_(pki::make_authority(
          {{{"DC", "org"}}, {{"DC", "mplane"}}, {{"O", organisation}}, {{"CN", "Authority"}}},
          {system_clock::now() - hours(48), system_clock::now() + hours(48)})),
      ca_(folder_.write("ca.crt", authority_.certificate)) {}

SubjectName TestPki::subject(const std::string& name) const {
  return {{{"DC", "org"}},
          {{"DC", "mplane"}},
          {{"O", organisation_}},
          {{"OU", "Clients"}},
          {{"CN", name}}};
}

TlsOptions TestPki::write(const std::string& name, const pki::Request& request) const {
  const pki::Credential credential = pki::issue(authority_, request);
  return {.ca = ca_,
          .cert = folder_.write(name + ".crt", credential.certificate),
          .key = write_secret(folder_, name + ".key", credential.key)};
}

TlsOptions TestPki::issue(const std::string& name) const {
  return issue_for(name, {"localhost"}, {"127.0.0.1", "::1"});
}

TlsOptions TestPki::issue_for(const std::string& name, std::vector<std::string> dns,
                              std::vector<std::string> ips) const {
  return write(name, {.subject = subject(name),
                      .dns = std::move(dns),
                      .ips = std::move(ips),
                      .validity = valid_today()});
}

TlsOptions TestPki::issue_expired(const std::string& name) const {
  const auto now = system_clock::now();
  return write(name, {.subject = subject(name),
                      .dns = {"localhost"},
                      .ips = {"127.0.0.1"},
                      .validity = {now - hours(2), now - hours(1)}});
}

TlsOptions TestPki::issue_client_only(const std::string& name) const {
  return write(name, {.subject = subject(name),
                      .dns = {"localhost"},
                      .ips = {"127.0.0.1"},
                      .validity = valid_today(),
                      .serves = false});
}

TlsOptions TestPki::without_certificate() const { return {.ca = ca_}; }

std::string TestPki::revoke(const std::vector<std::string>& names) const {
  std::vector<std::string> certificates;
  for (const std::string& name : names) {
    certificates.push_back(read_file(folder_.path() / (name + ".crt")));
  }
  return folder_.write("ca.crl", pki::revoke(authority_, certificates, valid_today()));
}

Identity TestPki::identity(const std::string& name) const { return identity_of(subject(name)); }

}  // namespace mplane::test
