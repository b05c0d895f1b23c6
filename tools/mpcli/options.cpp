#include "options.hpp"

#include "mplane/tools/config_section.hpp"
#include "mplane/tools/mistakes.hpp"
#include "mplane/tools/yaml.hpp"

#include <utility>

namespace mplane {
namespace {

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

}  // namespace

std::vector<std::string_view> format_names() { return {"table", "json", "ndjson", "csv"}; }

Options read_options(const std::filesystem::path& file) {
  ConfigContext context;
  const ConfigNode node = read_yaml(file, context.mistakes);
  context.mistakes.raise();
  ConfigSection root(node, context);
  Options options;
  options.url = root.text("url");
  read_tls(root.section("tls"), options.tls);
  options.registries = root.texts("registries");
  options.registry_base = file.parent_path();
  options.link_hosts = root.texts("link-hosts");
  const std::size_t format = root.choice("format", 0, format_names());
  if (root.has("format")) options.format = static_cast<Format>(format);
  const Duration timeout = root.duration("timeout", Duration(0));
  if (root.has("timeout")) options.timeout = timeout;
  root.refuse_others();
  context.mistakes.raise();
  return options;
}

Options options_of(const Environment& environment) {
  Options options;
  options.url = environment("MPLANE_URL");
  options.tls.ca = environment("MPLANE_TLS_CA");
  options.tls.cert = environment("MPLANE_TLS_CERT");
  options.tls.key = environment("MPLANE_TLS_KEY");
  return options;
}

Options merged(Options options, const Options& over) {
  put_over(options.url, over.url);
  put_over(options.tls.ca, over.tls.ca);
  put_over(options.tls.cert, over.tls.cert);
  put_over(options.tls.key, over.tls.key);
  put_over(options.tls.crl, over.tls.crl);
  if (!over.registries.empty()) options.registry_base = over.registry_base;
  put_over(options.registries, over.registries);
  put_over(options.link_hosts, over.link_hosts);
  put_over(options.format, over.format);
  put_over(options.timeout, over.timeout);
  return options;
}

}  // namespace mplane
