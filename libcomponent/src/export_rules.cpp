#include "mplane/component/export_rules.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <algorithm>
#include <string>

namespace mplane {
namespace {

/// The text with its percent-encoded dots as dots: who resolves paths may take them for such.
std::string with_plain_dots(std::string path) {
  for (const std::string_view dot : {"%2e", "%2E"}) {
    for (auto at = path.find(dot); at != std::string::npos; at = path.find(dot, at)) {
      path.replace(at, dot.size(), ".");
    }
  }
  return path;
}

bool climbs(const std::string& path) {
  const std::string plain = with_plain_dots(path.substr(0, path.find('?'))) + "/";
  return plain.find("/../") != std::string::npos;
}

/// Whether the path is the prefix or lies below it.
bool is_below(const std::string& path, const std::string& prefix) {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/' ||
         path[prefix.size()] == '?';
}

}  // namespace

bool ExportRules::allow(const Url& target) const {
  if (climbs(target.path())) return false;
  return std::any_of(prefixes_.begin(), prefixes_.end(), [&](const Url& prefix) {
    return target.same_origin(prefix) && is_below(target.path(), prefix.path());
  });
}

bool ExportRules::reach(const Url& target) const {
  return std::any_of(prefixes_.begin(), prefixes_.end(),
                     [&](const Url& prefix) { return target.same_origin(prefix); });
}

Url ExportRules::target(const std::string_view text) const {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::Refused, "export",
                "results cannot be exported to " + mplane::quoted(text) + ": " + why);
  };
  if (prefixes_.empty()) refuse("this component exports nothing");
  try {
    Url url = Url::parse(text);
    if (url.scheme() != kScheme) refuse("only to " + std::string(kScheme) + "://…");
    if (!allow(url)) refuse("the operator does not allow that target");
    return url;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::Malformed) refuse(error.message());
    throw;
  }
}

}  // namespace mplane
