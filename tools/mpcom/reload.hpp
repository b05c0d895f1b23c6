#pragma once

#include "certificate_watch.hpp"
#include "component_config.hpp"
#include "mplane/component/component.hpp"
#include "mplane/tools/log_output.hpp"

#include <string>

namespace mplane {

class Extension;

/// Reads a component's configuration again and puts what can change while it runs in the place of
/// what was: certificates, keys, revocation lists, rights, the level of the log. All of it or, when
/// anything is wrong, nothing. One thread at a time; the references outlive it.
class Reload {
 public:
  /// `root` and `config` are the file as it was read at the start; the extension may be null.
  Reload(std::string file, ConfigNode root, const ComponentConfig& config, Component& component,
         LogOutput& output, CertificateWatch& watch, Extension* extension = nullptr);

  /// @return whether the new configuration is in force. If not, the log names every mistake with
  /// its place, and the old one stays.
  bool operator()();

  /// The level that the configuration in force gives the log.
  Severity log_level() const noexcept { return level_; }

 private:
  void apply(const ConfigNode& root, ConfigContext& context);

  const std::string file_;
  const ConfigNode started_with_;
  const bool insecure_;
  Severity level_;
  Component& component_;
  LogOutput& output_;
  CertificateWatch& watch_;
  Extension* const extension_;
  const LogSink log_;
};

/// The top-level keys, and `log.format`, whose values differ between two files, but for those that
/// a reload changes.
std::vector<std::string> needing_restart(const ConfigNode& before, const ConfigNode& after);

}  // namespace mplane
