#include "options.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/tools/config_section.hpp"
#include "mplane/tools/mistakes.hpp"
#include "mplane/tools/text.hpp"
#include "mplane/tools/yaml.hpp"

#include <algorithm>
#include <sstream>
#include <system_error>
#include <utility>

namespace mplane {
namespace {

constexpr std::uint64_t kMostParallel = 10'000;

template <typename T>
void put_over(T& value, const T& over) {
  if (over != T()) value = over;
}

void read_tls(ConfigSection section, TlsOptions& tls) {
  tls.ca = section.path("ca");
  tls.cert = section.path("cert");
  tls.key = section.path("key");
  tls.crl = section.path("crl");
  section.refuse_others();
}

/// The keys that a file and each of its profiles have.
Options read_section(ConfigSection& section) {
  Options options;
  options.urls = section.texts("url");
  read_tls(section.section("tls"), options.tls);
  options.registries = section.texts("registries");
  options.link_hosts = section.texts("link-hosts");
  const std::size_t format = section.choice("format", 0, format_names());
  if (section.has("format")) options.format = static_cast<Format>(format);
  const Duration timeout = section.duration("timeout", Duration(0));
  if (section.has("timeout")) options.timeout = timeout;
  const std::uint64_t parallel = section.natural("parallel", 1, 1, kMostParallel);
  if (section.has("parallel")) options.parallel = parallel;
  return options;
}

/// Reads every profile, so that mistakes are found in all of them. @return the wanted one.
Options read_profiles(ConfigSection& root, const std::string& wanted) {
  const ConfigNode node = root.later("profiles");
  ConfigSection profiles = root.section("profiles");
  Options chosen;
  bool found = wanted.empty();
  NearMiss guess(wanted);
  for (const ConfigNode::Member& member : node.members) {
    ConfigSection profile = profiles.section(member.key);
    Options options = read_section(profile);
    profile.refuse_others();
    guess.consider(member.key);
    if (member.key != wanted) continue;
    chosen = std::move(options);
    found = true;
  }
  profiles.refuse_others();
  if (!found) {
    root.mistake("profiles", "there is no profile " + mplane::quoted(wanted) + guess.hint());
  }
  return chosen;
}

}  // namespace

std::vector<std::string_view> format_names() {
  return {"table", "json", "ndjson", "csv", "prometheus"};
}

Format parse_format(const std::string_view text) {
  const auto names = format_names();
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<Format>(found - names.begin());
  throw Error(ErrorKind::Configuration, "",
              mplane::quoted(text) +
                  " is no format; there are table, json, ndjson, csv and "
                  "prometheus");
}

Options read_options(const std::filesystem::path& file, const std::string_view profile) {
  ConfigContext context;
  const ConfigNode node = read_yaml(file, context.mistakes);
  context.mistakes.raise();
  ConfigSection root(node, context);
  Options options = read_section(root);
  const std::string usual = root.text("profile");
  const Options over = read_profiles(root, profile.empty() ? usual : std::string(profile));
  root.refuse_others();
  context.mistakes.raise();
  options.registry_base = file.parent_path();
  Options both = merged(std::move(options), over);
  both.registry_base = file.parent_path();
  return both;
}

Options options_of(const Environment& environment) {
  Options options;
  std::istringstream urls(environment("MPLANE_URL"));
  for (std::string url; urls >> url;) options.urls.push_back(url);
  options.tls.ca = environment("MPLANE_TLS_CA");
  options.tls.cert = environment("MPLANE_TLS_CERT");
  options.tls.key = environment("MPLANE_TLS_KEY");
  try {
    const std::string format = environment("MPLANE_FORMAT");
    if (!format.empty()) options.format = parse_format(format);
    const std::string timeout = environment("MPLANE_TIMEOUT");
    if (!timeout.empty()) options.timeout = parse_setting_duration(timeout);
  } catch (const Error& error) {
    throw Error(ErrorKind::Configuration, "the environment's MPLANE_FORMAT or MPLANE_TIMEOUT",
                error.message());
  }
  return options;
}

std::filesystem::path default_file(const Environment& environment) {
  std::filesystem::path folder = environment("XDG_CONFIG_HOME");
  const std::string home = environment("HOME");
  if (folder.empty() && !home.empty()) folder = std::filesystem::path(home) / ".config";
  if (folder.empty()) return {};
  const auto file = folder / "mplane" / "client.yaml";
  std::error_code none;
  return std::filesystem::exists(file, none) ? file : std::filesystem::path();
}

std::vector<std::string> read_urls(const std::filesystem::path& file) {
  std::istringstream lines(read_text(file));
  std::vector<std::string> urls;
  for (std::string line; std::getline(lines, line);) {
    std::string url;
    if (std::istringstream(line) >> url && !url.starts_with('#')) urls.push_back(url);
  }
  if (urls.empty()) throw Error(ErrorKind::Configuration, file.string(), "has no URLs in it");
  return urls;
}

Options merged(Options options, const Options& over) {
  put_over(options.urls, over.urls);
  put_over(options.tls.ca, over.tls.ca);
  put_over(options.tls.cert, over.tls.cert);
  put_over(options.tls.key, over.tls.key);
  put_over(options.tls.crl, over.tls.crl);
  if (!over.registries.empty()) options.registry_base = over.registry_base;
  put_over(options.registries, over.registries);
  put_over(options.link_hosts, over.link_hosts);
  put_over(options.format, over.format);
  put_over(options.timeout, over.timeout);
  put_over(options.parallel, over.parallel);
  put_over(options.verbosity, over.verbosity);
  return options;
}

}  // namespace mplane
