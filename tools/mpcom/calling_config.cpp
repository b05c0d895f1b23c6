#include "calling_config.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/session/url.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane {
namespace {

constexpr std::uint64_t kLowestPriority = 1'000;

/// The URL at a key; nothing after noting what is wrong with it.
std::optional<Url> read_url(ConfigSection& section, const std::string& text) {
  std::optional<Url> url;
  section.attempt("url", [&] { url = Url::parse(text); });
  return url;
}

void check_scheme(ConfigSection& section, const Url& url, const bool insecure) {
  const char* const wanted = insecure ? "http" : "https";
  if (url.scheme() == wanted) return;
  section.mistake("url", "'url': " + mplane::quoted(to_string(url)) + " has to begin with " +
                             wanted + ":// as 'component.insecure' is " +
                             (insecure ? "true" : "false"));
}

void read_supervisor(ConfigSection& section, ComponentOptions& options) {
  const std::string text = section.text("url");
  SupervisorOptions one{.url = Url::parse("https://localhost/")};  // until we know better
  one.priority =
      static_cast<unsigned>(section.natural("priority", one.priority, 0, kLowestPriority));
  one.callback =
      static_cast<CallbackForm>(section.choice("callback", 0, {"verb", "label", "none"}));
  one.interval = section.duration("interval", one.interval, ConfigSection::kSomeTime);
  one.registration_path = section.text("registration-path", one.registration_path);
  one.specification_path = section.text("specification-path", one.specification_path);
  one.result_path = section.text("result-path", one.result_path);
  section.refuse_others();
  if (section.is_valid() && !section.has("url")) {
    section.mistake("url", "'url' is missing: which supervisor?");
  }
  if (!section.has("url")) return;
  const auto url = read_url(section, text);
  if (!url) return;
  check_scheme(section, *url, options.insecure);
  one.url = *url;
  for (const auto& [key, path] : {std::pair("registration-path", one.registration_path),
                                  std::pair("specification-path", one.specification_path),
                                  std::pair("result-path", one.result_path)}) {
    section.attempt(key, [&, path = path] { url->resolve(path); });
  }
  options.supervisors.push_back(std::move(one));
}

}  // namespace

void read_supervisors(ConfigSection& component, ComponentOptions& options) {
  for (ConfigSection& one : component.sections("supervisors", "url")) {
    const auto is_known = [&](const Url& url) {
      return std::any_of(
          options.supervisors.begin(), options.supervisors.end(),
          [&](const SupervisorOptions& other) { return other.url.same_origin(url); });
    };
    const std::string text = one.text("url");
    bool twice = false;
    try {
      twice = is_known(Url::parse(text));
    } catch (const Error&) {
      // That is said below.
    }
    if (twice) one.mistake("url", "'url': there is another supervisor on this host and port");
    read_supervisor(one, options);
  }
  if (component.has("supervisors") && !component.has("listen")) options.listen.clear();
}

void read_export(ConfigSection section, ComponentOptions& options) {
  std::vector<Url> prefixes;
  for (const std::string& text : section.texts("allow")) {
    section.attempt("allow", [&] {
      Url url = Url::parse(text);
      if (url.scheme() != ExportRules::kScheme) {
        throw Error(ErrorKind::Configuration, text,
                    "results are exported to " + std::string(ExportRules::kScheme) + ":// only");
      }
      prefixes.push_back(std::move(url));
    });
  }
  section.refuse_others();
  if (options.insecure && !prefixes.empty()) {
    section.mistake("allow", "'export.allow' and 'component.insecure' exclude each other");
    prefixes.clear();
  }
  options.exports = ExportRules(std::move(prefixes));
}

void read_spool(ConfigSection section, SpoolOptions& spool) {
  spool.max_bytes = section.bytes("max-bytes", spool.max_bytes);
  spool.max_age = section.duration("max-age", spool.max_age, ConfigSection::kSomeTime);
  section.refuse_others();
}

}  // namespace mplane
