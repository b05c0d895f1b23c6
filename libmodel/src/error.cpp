#include "mplane/model/error.hpp"

#include <utility>

namespace mplane {
namespace {

std::string joined(const std::string& where, const std::string& message) {
  return where.empty() ? message : where + ": " + message;
}

}  // namespace

ErrorTraits traits(const ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::Malformed:
      return {"malformed", 400, 2, Severity::Info};
    case ErrorKind::Invalid:
      return {"invalid", 400, 2, Severity::Info};
    case ErrorKind::Mismatch:
      return {"mismatch", 500, 1, Severity::Error};
    case ErrorKind::Configuration:
      return {"configuration", 500, 2, Severity::Error};
    case ErrorKind::Refused:
      return {"refused", 403, 3, Severity::Warning};
    case ErrorKind::Unknown:
      return {"unknown", 404, 3, Severity::Info};
    case ErrorKind::NotAllowed:
      return {"method not allowed", 405, 3, Severity::Info};
    case ErrorKind::MediaType:
      return {"media type", 406, 3, Severity::Info};
    case ErrorKind::TooLarge:
      return {"too large", 413, 3, Severity::Warning};
    case ErrorKind::TooMany:
      return {"too many", 429, 3, Severity::Warning};
    case ErrorKind::Unavailable:
      return {"unavailable", 503, 3, Severity::Info};
    case ErrorKind::Failed:
      return {"failed", 500, 3, Severity::Warning};
    case ErrorKind::TimedOut:
      return {"timed out", 504, 4, Severity::Warning};
    case ErrorKind::Unreachable:
      return {"unreachable", 502, 5, Severity::Warning};
    case ErrorKind::Internal:
      break;
  }
  return {"internal", 500, 1, Severity::Error};
}

Error::Error(const ErrorKind kind, std::string where, std::string message)
    : std::runtime_error(joined(where, message)),
      kind_(kind),
      where_(std::move(where)),
      message_(std::move(message)) {}

Error Error::within(const std::string_view outer) const {
  std::string path(outer);
  if (!where_.empty()) path += "/" + where_;
  return {kind_, std::move(path), message_};
}

}  // namespace mplane
