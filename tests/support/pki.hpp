#pragma once

#include "mplane/session/pki.hpp"
#include "mplane/session/tls.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace mplane::test {

/// A throw-away authority and the certificates it issues, as files. Everything it issues names
/// localhost, 127.0.0.1 and ::1 and is good for both directions.
class TestPki {
 public:
  /// `organisation` is the "Test" of org.mplane.Test.Clients.NAME.
  explicit TestPki(const std::string& organisation = "Test");

  /// The files of a peer whose identity is `identity(name)`.
  TlsOptions issue(const std::string& name) const;
  /// The same, with a certificate that ended an hour ago.
  TlsOptions issue_expired(const std::string& name) const;
  /// The same, with the names and addresses that are given.
  TlsOptions issue_for(const std::string& name, std::vector<std::string> dns,
                       std::vector<std::string> ips) const;
  /// The same, with a certificate that is only good for connecting to others.
  TlsOptions issue_client_only(const std::string& name) const;
  /// Files of a peer that has no certificate.
  TlsOptions without_certificate() const;
  /// A revocation list of this authority that names these peers. @return the file
  std::string revoke(const std::vector<std::string>& names) const;

  Identity identity(const std::string& name) const;
  const pki::Credential& authority() const noexcept { return authority_; }
  const ScratchFolder& folder() const noexcept { return folder_; }

 private:
  SubjectName subject(const std::string& name) const;
  TlsOptions write(const std::string& name, const pki::Request& request) const;

  ScratchFolder folder_;
  std::string organisation_;
  pki::Credential authority_;
  std::string ca_;
};

/// Valid from an hour ago for a day.
pki::Validity valid_today();

}  // namespace mplane::test
