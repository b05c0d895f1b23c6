#pragma once

#include "mplane/session/identity.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::pki {

using Time = std::chrono::system_clock::time_point;

/// From when until when, to the second.
struct Validity {
  Time from;
  Time until;
};

/// A certificate and its private key, both PEM. A value.
struct Credential {
  std::string certificate;
  std::string key;
};

/// What a certificate for a peer says.
struct Request {
  SubjectName subject = {};           ///< attribute types by short or long name: "DC", "OU", "CN"
  std::vector<std::string> dns = {};  ///< names under which it can be reached
  std::vector<std::string> ips = {};  ///< addresses under which it can be reached
  Validity validity = {};
  bool serves = true;  ///< others may connect to it; else it can only connect to others
};

/// What can be read from a certificate.
struct Description {
  SubjectName subject;
  Identity identity;  ///< as access control sees it
  Identity issuer;    ///< the same of its issuer
  std::vector<std::string> dns;
  std::vector<std::string> ips;
  Validity validity;
  std::string serial;         ///< hexadecimal
  bool is_authority = false;  ///< may issue certificates
  bool serves = false;        ///< peers that connect to it believe it
};

/// An authority: a self-signed certificate with a fresh P-256 key, good for signing certificates
/// and revocation lists. Throws Error{Invalid} for a subject that cannot be written.
Credential make_authority(const SubjectName& subject, const Validity& validity);

/// A certificate signed by `authority` with a fresh P-256 key, good for connecting to others (RFC
/// 5280, section 4.2.1.12: clientAuth) and, if it `serves`, for being connected to (serverAuth): a
/// component is a server in one workflow and a client in the other. Throws Error{Invalid} that
/// names a bad name or address, Error{Configuration} for an authority that cannot be read.
Credential issue(const Credential& authority, const Request& request);

/// A revocation list (PEM) of `authority` that names these certificates (PEM each).
std::string revoke(const Credential& authority, const std::vector<std::string>& certificates,
                   const Validity& validity);

/// Reads the first certificate in a PEM text; `where` names it in the Error{Configuration}.
Description describe(std::string_view pem, std::string_view where);

}  // namespace mplane::pki
