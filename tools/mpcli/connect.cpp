#include "connect.hpp"

#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/registries.hpp"
#include "mplane/tools/text.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <ostream>
#include <set>
#include <system_error>
#include <utility>

namespace mplane {
namespace {

Severity least_severity(const Options& options) {
  switch (options.verbosity.value_or(Verbosity::Normal)) {
    case Verbosity::Quiet:
      return Severity::Error;
    case Verbosity::Verbose:
      return Severity::Debug;
    case Verbosity::Normal:
      break;
  }
  return Severity::Warning;
}

/// All that are installed, the first of a name counting; one that cannot be read is left out.
Registry installed_registries(const LogSink& log_sink) {
  const auto directories = registry_directories();
  Registry registry = Registry::core();
  std::set<std::string> names{"core"};
  for (const auto& directory : directories) {
    std::error_code none;
    for (const auto& file : std::filesystem::directory_iterator(directory, none)) {
      const std::string name = file.path().stem().string();
      if (file.path().extension() != ".json" || !names.insert(name).second) continue;
      try {
        registry = registry.also(load_registry(name, directory, directories));
      } catch (const Error& error) {
        log(log_sink,
            {Severity::Warning, "mpcli", "a registry is left out", {{"reason", error.what()}}});
      }
    }
  }
  return registry;
}

std::optional<TlsContext> tls_of(const Options& options, const Url* const secure,
                                 const LogSink& log_sink) {
  if (!options.tls.ca.empty()) return TlsContext(options.tls, log_sink);
  if (secure == nullptr) return {};
  throw Error(ErrorKind::Configuration, to_string(*secure),
              "https needs certificates: --tls-ca, --tls-cert and --tls-key, or MPLANE_TLS_CA, "
              "MPLANE_TLS_CERT and MPLANE_TLS_KEY, or 'tls' in a --config file");
}

void warn_of_plain(const Url& url, const Options& options, const Console& console) {
  if (options.verbosity == Verbosity::Quiet) return;
  console.err << "mpcli: " << to_string(url)
              << " is plain HTTP: nothing says who answers, and everybody can read along\n";
}

}  // namespace

std::vector<Url> urls_of(const Options& options) {
  if (options.urls.empty()) {
    throw Error(ErrorKind::Configuration, "",
                "which component? Give its URL with --url, in MPLANE_URL or in a --config file");
  }
  std::vector<Url> urls;
  for (const std::string& url : options.urls) {
    Url parsed = Url::parse(url);
    if (std::find(urls.begin(), urls.end(), parsed) == urls.end()) urls.push_back(parsed);
  }
  return urls;
}

LogSink log_to(const Console& console, const Options& options) {
  const auto one_at_a_time = std::make_shared<std::mutex>();
  const Severity least = least_severity(options);
  return [&err = console.err, one_at_a_time, least](const LogRecord& record) {
    if (record.severity < least) return;
    std::string line = "mpcli: " + record.message;
    for (const auto& [name, text] : record.fields) line += ": " + text;
    const std::lock_guard lock(*one_at_a_time);
    err << printable(line) << std::endl;
  };
}

Registry registry_of(const Options& options, const LogSink& log) {
  if (options.registries.empty()) return installed_registries(log);
  return load_registries(options.registries, options.registry_base, registry_directories());
}

ClientOptions client_options(const Options& options, const std::vector<Url>& urls,
                             const Console& console) {
  const auto secure =
      std::find_if(urls.begin(), urls.end(), [](const Url& url) { return url.is_secure(); });
  ClientOptions client;
  client.log = log_to(console, options);
  client.registry = registry_of(options, client.log);
  client.tls = tls_of(options, secure == urls.end() ? nullptr : &*secure, client.log);
  client.link_hosts = options.link_hosts;
  for (const Url& url : urls) {
    if (url.is_secure()) continue;
    client.insecure = true;
    warn_of_plain(url, options, console);
  }
  return client;
}

Capability only_one(const std::vector<Capability>& all, const std::string_view label_or_token,
                    const std::string& url) {
  if (all.empty()) {
    throw Error(ErrorKind::Refused, url, "nothing is offered there to this client");
  }
  std::vector<const Capability*> found;
  NearMiss guess(label_or_token);
  for (const Capability& one : all) {
    guess.consider(one.label());
    if (one.label() == label_or_token || one.token() == label_or_token) found.push_back(&one);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty()) {
    throw Error(ErrorKind::Unknown, url,
                "no capability " + quoted(label_or_token) + " is offered there" + guess.hint());
  }
  std::vector<std::string> tokens;
  tokens.reserve(found.size());
  for (const Capability* one : found) tokens.push_back(one->token());
  throw Error(ErrorKind::Configuration, url,
              "several capabilities are called " + quoted(label_or_token) +
                  "; take a token: " + joined(tokens, ", "));
}

std::unique_ptr<Fleet> make_fleet(const Options& options, const Console& console) {
  const std::vector<Url> urls = urls_of(options);
  std::vector<std::string> texts;
  texts.reserve(urls.size());
  for (const Url& url : urls) texts.push_back(to_string(url));
  return std::make_unique<Fleet>(std::move(texts), client_options(options, urls, console),
                                 options.parallel.value_or(Fleet::kParallel));
}

}  // namespace mplane
