#pragma once

#include <compare>
#include <string>
#include <vector>

namespace mplane {

/// One attribute of a name in a certificate: {"DC", "example"}. Types by their short names.
struct NameAttribute {
  std::string type;
  std::string value;
};

/// An RDN: one attribute, or several that form one element of the name ("O=a+OU=b").
using RelativeName = std::vector<NameAttribute>;

/// A certificate's subject, in the certificate's order.
using SubjectName = std::vector<RelativeName>;

/// Who a peer is, as access control and the log name it (protocol, section 9). Immutable value.
///
/// It is the peer's certificate's subject: the values of its RDNs, in order, joined by `.`, with
/// `.` and `\` inside a value written `\.` and `\\`. A certificate with several attributes in an
/// RDN is refused. Two identities are the same when their texts are equal, byte for byte.
class Identity {
 public:
  /// The identity of everyone who comes without TLS: "Identity.Unauthenticated.Default".
  Identity();

  /// The identity that a configuration names. The text is taken as it is.
  explicit Identity(std::string text) : text_(std::move(text)) {}

  const std::string& text() const noexcept { return text_; }

  friend bool operator==(const Identity&, const Identity&) = default;
  friend std::strong_ordering operator<=>(const Identity&, const Identity&) = default;

 private:
  std::string text_;
};

/// The identity that a subject stands for. An empty subject gives an empty identity, which no
/// configuration can give a role.
Identity identity_of(const SubjectName& subject);

}  // namespace mplane
