#pragma once

#include "mplane/model/time.hpp"
#include "mplane/session/tls.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// How answers are written.
enum class Format : std::uint8_t {
  Table,   ///< for people
  Json,    ///< one document
  Ndjson,  ///< a JSON object a line
  Csv,     ///< a header, then a line a row
};

/// How to reach whom, and how answers are written. What is empty is not set.
struct Options {
  std::string url = {};
  TlsOptions tls = {};
  std::vector<std::string> registries = {};  ///< names or files; all that are installed if none
  std::filesystem::path registry_base = {};  ///< what relative ones are seen from
  std::vector<std::string> link_hosts = {};
  std::optional<Format> format = {};
  std::optional<Duration> timeout = {};
};

/// Reads a configuration file: the keys `url`, `tls` (`ca`, `cert`, `key`, `crl`), `registries`,
/// `link-hosts`, `format` and `timeout`. @throws Error{Configuration} that names every mistake.
Options read_options(const std::filesystem::path& file);

/// A variable of the environment; empty when it is not set.
using Environment = std::function<std::string(const char* name)>;

/// MPLANE_URL, MPLANE_TLS_CA, MPLANE_TLS_CERT, MPLANE_TLS_KEY.
Options options_of(const Environment& environment);

/// The options with those put over them that `over` sets.
Options merged(Options options, const Options& over);

/// "table", "json", "ndjson", "csv", in the order of Format.
std::vector<std::string_view> format_names();

}  // namespace mplane
