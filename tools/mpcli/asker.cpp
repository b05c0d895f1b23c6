#include "asker.hpp"

#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/registries.hpp"
#include "text.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>
#include <system_error>
#include <utility>

namespace mplane {
namespace {

LogSink log_to(std::ostream& err) {
  return [&err](const LogRecord& record) {
    if (record.severity < Severity::Warning) return;
    std::string line = "mpcli: " + record.message;
    for (const auto& [name, text] : record.fields) line += ": " + text;
    err << printable(line) << '\n';
  };
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

Registry registry_of(const Options& options, const LogSink& log_sink) {
  if (options.registries.empty()) return installed_registries(log_sink);
  return load_registries(options.registries, options.registry_base, registry_directories());
}

Url url_of(const Options& options) {
  if (options.url.empty()) {
    throw Error(ErrorKind::Configuration, "",
                "which component? Give its URL with --url, in MPLANE_URL or in a --config file");
  }
  return Url::parse(options.url);
}

std::optional<TlsContext> tls_of(const Options& options, const bool needed,
                                 const LogSink& log_sink) {
  if (!options.tls.ca.empty()) return TlsContext(options.tls, log_sink);
  if (!needed) return {};
  throw Error(ErrorKind::Configuration, options.url,
              "https needs certificates: --tls-ca, --tls-cert and --tls-key, or MPLANE_TLS_CA, "
              "MPLANE_TLS_CERT and MPLANE_TLS_KEY, or 'tls' in a --config file");
}

ClientOptions client_options(const Options& options, const Url& url, const Console& console) {
  ClientOptions client;
  client.log = log_to(console.err);
  client.registry = registry_of(options, client.log);
  client.insecure = !url.is_secure();
  client.tls = tls_of(options, url.is_secure(), client.log);
  client.link_hosts = options.link_hosts;
  return client;
}

Error unknown(const std::string_view wanted, const std::vector<Capability>& capabilities,
              const Url& url) {
  if (capabilities.empty()) {
    return {ErrorKind::Refused, to_string(url), "nothing is offered there to this client"};
  }
  NearMiss guess(wanted);
  for (const Capability& capability : capabilities) guess.consider(capability.label());
  return {ErrorKind::Unknown, to_string(url),
          "no capability " + quoted(wanted) + " is offered there" + guess.hint()};
}

}  // namespace

Asker::Asker(const Options& options, const Console console)
    : console_(console), url_(url_of(options)), client_(client_options(options, url_, console)) {
  if (!url_.is_secure()) {
    console_.err << "mpcli: " << to_string(url_)
                 << " is plain HTTP: nothing says who answers, and everybody can read along\n";
  }
}

std::string Asker::message_url() const {
  const bool lists = url_.path() == "/capability" || url_.path() == "/capabilities";
  return to_string(lists ? url_.resolve("/") : url_);
}

std::vector<Capability> Asker::discover(std::stop_token stop) {
  return client_.discover(to_string(url_), std::move(stop));
}

Capability Asker::discover(const std::string_view label_or_token, std::stop_token stop) {
  const auto all = discover(std::move(stop));
  std::vector<Capability> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](const Capability& one) {
    return one.label() == label_or_token || one.token() == label_or_token;
  });
  if (found.empty()) throw unknown(label_or_token, all, url_);
  if (found.size() == 1) return found.front();
  std::vector<std::string> tokens;
  for (const Capability& one : found) tokens.push_back(one.token());
  throw Error(ErrorKind::Configuration, to_string(url_),
              "several capabilities are called " + quoted(label_or_token) +
                  "; take a token: " + joined(tokens, ", "));
}

}  // namespace mplane
