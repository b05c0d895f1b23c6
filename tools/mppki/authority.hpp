#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// What `mppki init` is asked for.
struct InitRequest {
  std::filesystem::path dir;
  std::string domain;  ///< "example.org"
  unsigned days = 3650;
  bool force = false;
};

/// What `mppki issue` is asked for.
struct IssueRequest {
  std::filesystem::path dir;
  std::string role;  ///< component, client or supervisor
  std::string name;
  std::vector<std::string> dns;
  std::vector<std::string> ips;
  unsigned days = 825;
  bool force = false;
};

/// Makes an authority for a domain: DIR/ca.crt and DIR/ca.key. The folder is made if need be
/// (0700).
/// @throws Error{Invalid} for a domain that is none, Error{Configuration} naming a file.
/// @return what was done, for people.
std::string init_authority(const InitRequest& request);

/// Issues DIR/ROLE-NAME.crt and .key. The identity is the domain's labels from the top, the role
/// and the name: `org.example.component.NAME`. A client's cannot pass for a server's.
/// @throws Error{Invalid} for a name that would be awkward in files or identities, or an address
/// that is none; Error{Configuration} naming a file.
/// @return what was done, for people.
std::string issue_certificate(const IssueRequest& request);

}  // namespace mplane
