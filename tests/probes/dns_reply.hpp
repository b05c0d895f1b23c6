#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mplane::test {

using Packet = std::vector<std::uint8_t>;

/// A reply to a query, built byte by byte as RFC 1035 section 4 has it, by no library: header and
/// question as they were asked, then what is added. What the query had behind its question (EDNS)
/// is left out.
class DnsReply {
 public:
  /// Of a query with one question.
  explicit DnsReply(const Packet& query) : bytes_(query) {
    bytes_.resize(end_of_question(query));
    bytes_.at(2) = static_cast<std::uint8_t>(0x80U | (query.at(2) & 0x01U));  // QR, and RD as asked
    bytes_.at(3) = 0x80;                                                      // RA
    for (std::size_t n = 6; n < 12; ++n) bytes_.at(n) = 0;
  }

  DnsReply& rcode(std::uint8_t code) {
    bytes_.at(3) = static_cast<std::uint8_t>((bytes_.at(3) & 0xf0U) | code);
    return *this;
  }
  DnsReply& truncated() {
    bytes_.at(2) |= 0x02U;
    return *this;
  }
  /// A record of the answer, about the name that was asked for.
  DnsReply& answer(std::uint16_t type, const Packet& data, std::uint32_t ttl = 300) {
    ++bytes_.at(7);
    return record({0xc0, 12}, type, 1, ttl, data);
  }
  /// The same about another name.
  DnsReply& answer(std::string_view name, std::uint16_t type, const Packet& data) {
    ++bytes_.at(7);
    return record(encoded(name), type, 1, 300, data);
  }
  /// EDNS (RFC 6891) with options as they are on the wire, and the upper bits of the code.
  DnsReply& edns(const Packet& options, std::uint8_t extended_code = 0) {
    ++bytes_.at(11);
    return record({0}, 41, 1232, std::uint32_t{extended_code} << 24U, options);
  }
  /// Leaves the question out.
  DnsReply& unquestioned() {
    bytes_.at(5) = 0;
    bytes_.resize(12);
    return *this;
  }

  const Packet& packet() const noexcept { return bytes_; }

  /// "www.example.org" on the wire.
  static Packet encoded(std::string_view name) {
    Packet bytes;
    while (!name.empty()) {
      const std::string_view label = name.substr(0, name.find('.'));
      bytes.push_back(static_cast<std::uint8_t>(label.size()));
      bytes.insert(bytes.end(), label.begin(), label.end());
      name.remove_prefix(label.size() < name.size() ? label.size() + 1 : label.size());
    }
    bytes.push_back(0);
    return bytes;
  }

  /// The type that a query asks for.
  static unsigned type_asked(const Packet& query) {
    const std::size_t end = end_of_question(query);
    return (unsigned{query.at(end - 4)} << 8U) | query.at(end - 3);
  }

 private:
  static std::size_t end_of_question(const Packet& query) {
    std::size_t place = 12;
    while (query.at(place) != 0) place += std::size_t{query.at(place)} + 1;
    return place + 5;
  }

  DnsReply& record(const Packet& owner, std::uint16_t type, std::uint16_t kind, std::uint32_t ttl,
                   const Packet& data) {
    bytes_.insert(bytes_.end(), owner.begin(), owner.end());
    append(type, 2);
    append(kind, 2);
    append(ttl, 4);
    append(static_cast<std::uint32_t>(data.size()), 2);
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    return *this;
  }

  void append(std::uint32_t number, unsigned octets) {
    for (unsigned n = octets; n > 0; --n) {
      bytes_.push_back(static_cast<std::uint8_t>(number >> (8U * (n - 1)) & 0xffU));
    }
  }

  Packet bytes_;
};

}  // namespace mplane::test
