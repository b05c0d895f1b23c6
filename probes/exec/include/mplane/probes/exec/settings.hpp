#pragma once

#include "mplane/model/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mplane {

/// How a program's output is read.
enum class ExecFormat : std::uint8_t {
  Lines,  ///< each line that matches one of the patterns is a row
  Text,   ///< the patterns are searched in all of it, and make one row together
  Json,   ///< JSON values, a line each or not; each object, alone or in an array, is a row
  Csv,    ///< RFC 4180
};

/// Where the values of a result column come from.
struct ExecColumn {
  std::string element;
  /// A named group of a pattern, a member of a JSON object or a JSON pointer (RFC 6901) into it, a
  /// column of CSV by name or, without a header, by number from 1.
  std::string source;
  /// What numbers are multiplied by; naturals are rounded then, also with 1.
  std::optional<double> factor = {};
};

/// What an operator says of a program that becomes a service. A value.
struct ExecSettings {
  // What is offered.
  std::string label = {};
  std::string verb = "measure";
  std::string when = "now";
  std::string registry = {};  ///< the URI of one that the component knows; empty is its first
  std::vector<std::pair<std::string, std::string>> parameters = {};  ///< element, constraint
  std::vector<ExecColumn> results = {};

  // What is run.
  std::string program = {};  ///< an absolute path
  /// Templates; see ArgumentTemplates.
  std::vector<std::string> arguments = {};
  std::map<std::string, std::string> environment = {};  ///< beside PATH, HOME and LC_ALL
  std::string directory = "/";

  // How its output is read.
  ExecFormat format = ExecFormat::Lines;
  std::vector<std::string> patterns = {};  ///< RE2 syntax, with named groups `(?P<name>…)`
  bool header = true;                      ///< the first record of CSV has the columns' names
  char separator = ',';                    ///< between the fields of CSV

  // What its exit codes mean.
  std::set<int> success_codes = {0};
  std::map<int, std::string> exit_codes =
      {};  ///< the texts of exceptions; others are told by number

  // What it may take.
  Duration timeout = std::chrono::seconds(10);       ///< after the end of its scope
  Duration kill_after = std::chrono::seconds(2);     ///< from SIGTERM to SIGKILL
  std::size_t output_limit = std::size_t{1} << 20U;  ///< bytes of both outputs together
  std::size_t max_running = 8;                       ///< at a time; more have to wait

  /// Free parameters that are names or URLs: the program finds their addresses itself, so that
  /// nobody can check these against what may be measured. Each has to be named here.
  std::set<std::string> unresolved = {};
};

}  // namespace mplane
