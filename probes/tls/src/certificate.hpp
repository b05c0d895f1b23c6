#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probe/icmp_packet.hpp"

#include <optional>
#include <string>

struct x509_st;  // OpenSSL's X509

namespace mplane::detail {

/// What a server's certificate says: whoever made it chose the words. They are printable, none is
/// longer than 4096 characters. A value.
struct CertificateFacts {
  std::string subject;  ///< RFC 2253
  std::string issuer;   ///< RFC 2253
  std::string names;    ///< subject alternative names, joined by commas
  std::optional<Instant> not_before = {};
  std::optional<Instant> not_after = {};
};

CertificateFacts facts_of(const x509_st& certificate);
/// The same of a certificate in DER; nothing if it is none. Never throws, whatever the bytes.
std::optional<CertificateFacts> read_certificate(Bytes der);

/// Whether it is for a host's name, as its alternative names have it (RFC 6125 section 6.4), or for
/// its address.
bool is_for(x509_st& certificate, const std::string& name);

/// Whether a name is an address instead.
bool is_address(const std::string& name);

}  // namespace mplane::detail
