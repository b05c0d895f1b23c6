#pragma once

#include "mplane/model/time.hpp"
#include "mplane/session/tls.hpp"

#include <cstddef>
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
  Table,       ///< for people
  Json,        ///< one document
  Ndjson,      ///< a JSON object a line
  Csv,         ///< a header, then a line a row
  Prometheus,  ///< metrics, in its text format
};

/// What is said beside the answer.
enum class Verbosity : std::uint8_t {
  Normal,   ///< what one has to know
  Quiet,    ///< errors only; no progress
  Verbose,  ///< also what is asked of whom
};

/// How to reach whom, and how answers are written. What is empty is not set.
struct Options {
  std::vector<std::string> urls = {};
  TlsOptions tls = {};
  std::vector<std::string> registries = {};  ///< names or files; all that are installed if none
  std::filesystem::path registry_base = {};  ///< what relative ones are seen from
  std::vector<std::string> link_hosts = {};
  std::optional<Format> format = {};
  std::optional<Duration> timeout = {};
  std::optional<std::size_t> parallel = {};  ///< of several components, how many at once
  std::optional<Verbosity> verbosity = {};
};

/// Reads a configuration file: the keys of doc/configuration.md. What a profile (of the map
/// `profiles`) sets goes before what stands beside it.
/// @param profile if empty the one that the file names itself as `profile`, if it does.
/// @throws Error{Configuration} that names every mistake; when there is no such profile, with those
/// there are.
Options read_options(const std::filesystem::path& file, std::string_view profile = {});

/// A variable of the environment; empty when it is not set.
using Environment = std::function<std::string(const char* name)>;

/// MPLANE_URL (several with blanks between them), MPLANE_TLS_CA, MPLANE_TLS_CERT, MPLANE_TLS_KEY,
/// MPLANE_FORMAT, MPLANE_TIMEOUT. @throws Error{Configuration} for a value that is none.
Options options_of(const Environment& environment);

/// The file that is read when none is named: client.yaml in the folder mplane of XDG_CONFIG_HOME,
/// else of .config in HOME; empty when there is no such file.
std::filesystem::path default_file(const Environment& environment);

/// URLs from a file, one a line; empty lines and those that begin with # are none.
/// @throws Error{Configuration} when it can't be read or has none.
std::vector<std::string> read_urls(const std::filesystem::path& file);

/// The options with those put over them that `over` sets.
Options merged(Options options, const Options& over);

/// "table", "json", "ndjson", "csv", "prometheus", in the order of Format.
std::vector<std::string_view> format_names();
/// @throws Error{Configuration} naming the text and what there is.
Format parse_format(std::string_view text);

}  // namespace mplane
