#include "reload.hpp"

#include "mplane/mpcom/extension.hpp"
#include "mplane/tools/yaml.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace mplane {
namespace {

bool same(const ConfigNode& a, const ConfigNode& b) { return to_json(a) == to_json(b); }

bool same(const ConfigNode::Member* const a, const ConfigNode::Member* const b) {
  return a == nullptr || b == nullptr ? a == b : same(a->value, b->value);
}

/// The one key below `log` that a reload leaves.
const ConfigNode::Member* log_format(const ConfigNode& root) {
  const ConfigNode::Member* const section = root.find("log");
  return section == nullptr ? nullptr : section->value.find("format");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

std::vector<std::string> needing_restart(const ConfigNode& before, const ConfigNode& after) {
  std::set<std::string> keys;
  for (const ConfigNode* const root : {&before, &after}) {
    for (const ConfigNode::Member& member : root->members) keys.insert(member.key);
  }
  for (const char* const key : {"tls", "access", "log"}) keys.erase(key);
  std::erase_if(keys, [&](const auto& key) { return same(before.find(key), after.find(key)); });
  std::vector<std::string> waiting(keys.begin(), keys.end());
  if (!same(log_format(before), log_format(after))) waiting.emplace_back("log.format");
  return waiting;
}

Reload::Reload(std::string file, ConfigNode root, const ComponentConfig& config,
               Component& component, LogOutput& output, CertificateWatch& watch,
               Extension* const extension)
    : file_(std::move(file)),
      started_with_(std::move(root)),
      insecure_(config.options.insecure),
      level_(config.log.level),
      component_(component),
      output_(output),
      watch_(watch),
      extension_(extension),
      log_(output.sink()) {}

bool Reload::operator()() {
  ConfigContext context;
  try {
    apply(read_yaml(file_, context.mistakes), context);
  } catch (const Error& error) {
    if (context.mistakes.empty()) context.mistakes.add(error);
  }
  for (const Error& mistake : context.mistakes.all()) {
    log(log_, {Severity::Error,
               "mpcom",
               "the configuration is not reloaded, the old one stays in force",
               {{"where", mistake.where()}, {"reason", mistake.message()}}});
  }
  return context.mistakes.empty();
}

void Reload::apply(const ConfigNode& root, ConfigContext& context) {
  const ComponentConfig config = read_component_config(root, context, extension_);
  if (config.options.insecure != insecure_) {
    context.mistakes.add(file_, "'component.insecure' takes a restart to change");
  }
  std::optional<TlsContext> tls;
  if (context.mistakes.empty() && !insecure_) tls.emplace(config.tls, log_);
  context.mistakes.raise();
  if (tls) component_.use(*tls);
  if (tls && extension_ != nullptr) extension_->use(*tls);
  component_.use(config.options.access);
  watch_.use(std::move(tls));
  const std::vector<std::string> waiting = needing_restart(started_with_, root);
  if (!waiting.empty()) {
    log(log_, {Severity::Warning,
               "mpcom",
               "some of what changed takes a restart",
               {{"keys", listed(waiting)}}});
  }
  log(log_, {Severity::Info, "mpcom", "the configuration is reloaded", {{"file", file_}}});
  level_ = config.log.level;
  output_.change_level(level_);
}

}  // namespace mplane
