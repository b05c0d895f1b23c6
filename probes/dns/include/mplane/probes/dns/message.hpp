#pragma once

#include "mplane/probe/icmp_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// DNS on the wire (RFC 1035, RFC 6891), as pure functions: bytes in, meaning out, and back. They
// are ldns's; what is ours is which questions can be asked and which replies count as answers to
// them.

namespace mplane {

/// What a server is asked. A value.
struct DnsQuestion {
  std::string name;              ///< "example.org", absolute with or without its last dot
  std::string type = "A";        ///< by its name, or "TYPE65"
  bool recursion = true;         ///< RD
  bool dnssec = false;           ///< DO: signatures, too
  bool server_name = false;      ///< NSID (RFC 5001)
  std::uint16_t payload = 1232;  ///< the longest UDP answer (EDNS); 0 is without EDNS
};

/// A reply to a question. A value.
struct DnsAnswer {
  std::string rcode;  ///< "NOERROR", "NXDOMAIN", "SERVFAIL", "BADVERS", …; "RCODE33" without a name
  std::string flags;  ///< "qr rd ra", as they are set
  std::size_t answers = 0;
  std::vector<std::string> records = {};        ///< the answer section, one a line of a zone file
  std::optional<std::uint32_t> least_ttl = {};  ///< of the answer section, in seconds
  std::optional<std::string> server_name = {};  ///< NSID: as text if it is printable, else in hex
};

/// @throws Error{Invalid} naming the name or type that cannot be asked: what is none, whole zones,
/// and what only stands beside questions.
void check_question(const DnsQuestion& question);

/// The query in bytes, with that id. Of a question that was checked.
std::vector<std::uint8_t> encode_query(const DnsQuestion& question, std::uint16_t id);

/// Reads a reply. Nothing if it is none, is broken, has another id or answers another question.
/// Never throws, whatever the bytes.
std::optional<DnsAnswer> decode_answer(const DnsQuestion& question, std::uint16_t id, Bytes bytes);

}  // namespace mplane
