#include "mplane/probes/dns/message.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/probes/common/host_target.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <strings.h>
#include <system_error>

#include <ldns/ldns.h>

namespace mplane {
namespace {

constexpr std::uint16_t kNsid = 3;

struct Free {
  void operator()(ldns_pkt* packet) const noexcept { ::ldns_pkt_free(packet); }
  void operator()(ldns_rdf* data) const noexcept { ::ldns_rdf_deep_free(data); }
  void operator()(char* text) const noexcept { std::free(text); }
  void operator()(std::uint8_t* bytes) const noexcept { std::free(bytes); }
};

using Packet = std::unique_ptr<ldns_pkt, Free>;
using Data = std::unique_ptr<ldns_rdf, Free>;

Data name_of(const DnsQuestion& question) {
  return Data(::ldns_dname_new_frm_str(question.name.c_str()));
}

/// 0 of what is no type. Of "TYPE" and a number (RFC 3597 section 5) ldns takes any number, and
/// cuts it to 16 bits as it writes it.
ldns_rr_type type_of(const DnsQuestion& question) {
  constexpr std::string_view kUnnamed = "TYPE";
  const std::string& text = question.type;
  if (::strncasecmp(text.c_str(), kUnnamed.data(), kUnnamed.size()) != 0) {
    return ::ldns_get_rr_type_by_name(text.c_str());
  }
  std::uint16_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + kUnnamed.size(), end, number);
  return static_cast<ldns_rr_type>(read.ec == std::errc() && read.ptr == end ? number : 0);
}

// Not those that only stand beside a question, nor the transfer of whole zones.
bool is_askable(ldns_rr_type type) noexcept {
  return type != 0 && type != LDNS_RR_TYPE_OPT &&
         (type < LDNS_RR_TYPE_TKEY || type > LDNS_RR_TYPE_AXFR);
}

std::string text_of(char* owned) {
  const std::unique_ptr<char, Free> text(owned);
  std::string line = text == nullptr ? "" : text.get();
  while (!line.empty() && line.back() == '\n') line.pop_back();
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

void add_edns(ldns_pkt& packet, const DnsQuestion& question) {
  if (question.payload == 0) return;
  ::ldns_pkt_set_edns_udp_size(&packet, question.payload);
  ::ldns_pkt_set_edns_do(&packet, question.dnssec);
  if (!question.server_name) return;
  const std::array<std::uint8_t, 4> option{0, kNsid, 0, 0};  // without content: a request
  ::ldns_pkt_set_edns_data(
      &packet, ::ldns_rdf_new_frm_data(LDNS_RDF_TYPE_UNKNOWN, option.size(), option.data()));
}

std::string printable(Bytes bytes) {
  constexpr std::size_t kLongest = 128;
  bytes = bytes.first(std::min(bytes.size(), kLongest));
  const bool text =
      std::all_of(bytes.begin(), bytes.end(), [](auto b) { return b >= ' ' && b < 0x7f; });
  if (text) return {bytes.begin(), bytes.end()};
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0xfU];
  }
  return hex;
}

/// The option among those that EDNS carries (RFC 6891 section 6.1.2): code, length, content.
std::optional<std::string> server_name_in(const ldns_pkt& packet) {
  const ldns_rdf* const data = ::ldns_pkt_edns_data(&packet);
  if (data == nullptr) return std::nullopt;
  Bytes rest(::ldns_rdf_data(data), ::ldns_rdf_size(data));
  while (rest.size() >= 4) {
    const unsigned code = (unsigned{rest[0]} << 8U) | rest[1];
    const std::size_t length = (std::size_t{rest[2]} << 8U) | rest[3];
    rest = rest.subspan(4);
    if (length > rest.size()) return std::nullopt;
    if (code == kNsid) return printable(rest.first(length));
    rest = rest.subspan(length);
  }
  return std::nullopt;
}

std::string flags_of(const ldns_pkt& packet) {
  struct Flag {
    bool set;
    const char* name;
  };
  const std::array<Flag, 7> all{{{::ldns_pkt_qr(&packet), "qr"},
                                 {::ldns_pkt_aa(&packet), "aa"},
                                 {::ldns_pkt_tc(&packet), "tc"},
                                 {::ldns_pkt_rd(&packet), "rd"},
                                 {::ldns_pkt_ra(&packet), "ra"},
                                 {::ldns_pkt_ad(&packet), "ad"},
                                 {::ldns_pkt_cd(&packet), "cd"}}};
  std::string text;
  for (const Flag& flag : all) {
    if (!flag.set) continue;
    if (!text.empty()) text += ' ';
    text += flag.name;
  }
  return text;
}

/// With the upper bits that EDNS carries (RFC 6891 section 6.1.3).
unsigned rcode_of(const ldns_pkt& packet) {
  return unsigned{::ldns_pkt_edns_extended_rcode(&packet)} << 4U |
         static_cast<unsigned>(::ldns_pkt_get_rcode(&packet));
}

/// As IANA has it; ldns has no names above 10.
std::string rcode_name(const unsigned rcode) {
  constexpr std::array<const char*, 24> kNames{
      "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",  "NOTIMPL", "REFUSED", "YXDOMAIN", "YXRRSET",
      "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI", nullptr,   nullptr,   nullptr,    nullptr,
      "BADVERS", "BADKEY",  "BADTIME",  "BADMODE",   "BADNAME", "BADALG",  "BADTRUNC", "BADCOOKIE"};
  const char* const name = rcode < kNames.size() ? kNames.at(rcode) : nullptr;
  return name == nullptr ? "RCODE" + std::to_string(rcode) : name;
}

// A server that did not understand may leave the question out.
bool answers(const ldns_pkt& packet, const DnsQuestion& question) {
  const ldns_rr_list* const asked = ::ldns_pkt_question(&packet);
  if (asked == nullptr || ::ldns_rr_list_rr_count(asked) == 0) {
    return rcode_of(packet) != LDNS_RCODE_NOERROR;
  }
  const ldns_rr* const first = ::ldns_rr_list_rr(asked, 0);
  const Data name = name_of(question);
  return ::ldns_rr_get_type(first) == type_of(question) && name != nullptr &&
         ::ldns_dname_compare(::ldns_rr_owner(first), name.get()) == 0;
}

void add_records(const ldns_pkt& packet, DnsAnswer& answer) {
  const ldns_rr_list* const list = ::ldns_pkt_answer(&packet);
  for (std::size_t n = 0; n < answer.answers; ++n) {
    const ldns_rr* const record = ::ldns_rr_list_rr(list, n);
    answer.records.push_back(text_of(::ldns_rr2str(record)));
    const std::uint32_t ttl = ::ldns_rr_ttl(record);
    answer.least_ttl = std::min(answer.least_ttl.value_or(ttl), ttl);
  }
}

}  // namespace

void check_question(const DnsQuestion& question) {
  if (!is_host_name(question.name) || name_of(question) == nullptr) {
    throw Error(ErrorKind::Invalid, "parameters/dns.name",
                quoted(question.name) + " is no name that can be asked for");
  }
  if (!is_host_name(question.type) || !is_askable(type_of(question))) {
    throw Error(ErrorKind::Invalid, "parameters/dns.type",
                quoted(question.type) + " is no type of DNS records");
  }
}

std::vector<std::uint8_t> encode_query(const DnsQuestion& question, std::uint16_t id) {
  const std::uint16_t flags = question.recursion ? LDNS_RD : 0;
  const Packet packet(::ldns_pkt_query_new(name_of(question).release(), type_of(question),
                                           LDNS_RR_CLASS_IN, flags));
  std::vector<std::uint8_t> bytes;
  if (packet == nullptr) return bytes;
  ::ldns_pkt_set_id(packet.get(), id);
  add_edns(*packet, question);
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  if (::ldns_pkt2wire(&wire, packet.get(), &size) != LDNS_STATUS_OK) return bytes;
  const std::unique_ptr<std::uint8_t, Free> owned(wire);
  bytes.assign(wire, wire + size);
  return bytes;
}

std::optional<DnsAnswer> decode_answer(const DnsQuestion& question, std::uint16_t id, Bytes bytes) {
  ldns_pkt* read = nullptr;
  if (::ldns_wire2pkt(&read, bytes.data(), bytes.size()) != LDNS_STATUS_OK) return std::nullopt;
  const Packet packet(read);
  if (!::ldns_pkt_qr(read) || ::ldns_pkt_id(read) != id || !answers(*read, question)) {
    return std::nullopt;
  }
  DnsAnswer answer{.rcode = rcode_name(rcode_of(*read)),
                   .flags = flags_of(*read),
                   .answers = ::ldns_pkt_ancount(read),
                   .server_name = server_name_in(*read)};
  add_records(*read, answer);
  return answer;
}

}  // namespace mplane
