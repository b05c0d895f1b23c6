#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace mplane {

/// What went wrong, coarsely enough to decide what to do about it. See `traits` for what each kind
/// becomes at the edges: an HTTP status, a program's exit code, a log level.
enum class ErrorKind : std::uint8_t {
  Malformed,  ///< text or bytes that do not follow their grammar (JSON, when, address, …)
  Invalid,    ///< well-formed, but against a rule: unknown element, value outside its constraint
  Mismatch,   ///< our caller asked for a value as a type, or a column by a name, it does not have
  Configuration,  ///< a configuration file, option or certificate file that cannot be used
  Refused,        ///< the peer's identity may not do this
  Unknown,        ///< no such token, label or path
  NotAllowed,     ///< the path exists, the method does not
  MediaType,      ///< a media type that is not ours
  TooLarge,       ///< over a size limit
  TooMany,        ///< over a limit of number or rate
  Unavailable,    ///< shutting down, or not ready yet
  Failed,         ///< a service failed, or the peer answered with an exception
  TimedOut,       ///< not in time
  Unreachable,    ///< the network or TLS did not let us through
  Internal,       ///< a bug of ours
};

/// How loud an error is in a log.
enum class Severity : std::uint8_t { Debug, Info, Warning, Error };

/// What a kind of error becomes at the edges of a program.
struct ErrorTraits {
  std::string_view name;  ///< the kind in words, as logs print it: "malformed"
  int http_status;        ///< protocol, section 7
  int exit_code;      ///< 1 internal, 2 usage or configuration, 3 refused, 4 late, 5 unreachable
  Severity severity;  ///< how a server logs it when a peer is the cause
};

/// The one table of kinds.
ErrorTraits traits(ErrorKind kind) noexcept;

/// The one exception that mPlane's libraries throw for what they cannot do. A function that can't
/// do what its name says throws it; where callers normally branch there is a sibling that answers
/// instead (`find`, `accepts`, `wait_for`).
class Error : public std::runtime_error {
 public:
  /// `where` is a JSON pointer without its leading slash ("parameters/destination.ip4"), a
  /// "file:line", a URL, or empty; `message` a sentence for people that names the bad value.
  Error(ErrorKind kind, std::string where, std::string message);

  ErrorKind kind() const noexcept { return kind_; }
  const std::string& where() const noexcept { return where_; }
  /// The sentence alone; `what()` is "where: message".
  const std::string& message() const noexcept { return message_; }

  /// The same error seen from further out: `outer` is put before `where`, joined by "/".
  Error within(std::string_view outer) const;

 private:
  ErrorKind kind_;
  std::string where_;
  std::string message_;
};

}  // namespace mplane
