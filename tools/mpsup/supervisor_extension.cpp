#include "supervisor_extension.hpp"

#include <algorithm>
#include <utility>

namespace mplane {

void SupervisorExtension::read(ConfigSection& root) {
  SupervisorConfig config = read_supervisor_config(root.section("supervisor"));
  if (!supervision_) config_ = std::move(config);
}

void SupervisorExtension::prepare(const ExtensionHost& host, ConfigContext& context) {
  SupervisionOptions& supervision = config_.supervision;
  ClientListenerOptions& below = supervision.below;
  below.registry = host.options.registry;
  below.tls = host.options.tls;
  below.insecure = host.options.insecure;
  below.server = host.options.limits;
  below.threads = host.options.threads;
  below.log = host.options.log;
  // A component may take all of our patience before its measurement is given up.
  Duration& stop_patience = host.options.scheduler.stop_patience;
  stop_patience = std::max(stop_patience, supervision.patience + std::chrono::seconds(5));
  config_.results.folder = host.state_dir;
  config_.results.sync = host.sync;
  config_.results.log = host.options.log;
  try {
    check_compositions(supervision.compositions, below.registry);
  } catch (const Error& error) {
    context.mistakes.add(config_.compositions_where, error.what());
  }
}

void SupervisorExtension::attach(Component& component) {
  above_ = &component;
  if (!config_.results.folder.empty()) open_results(component);
  config_.supervision.results = results_ ? &*results_ : nullptr;
  supervision_.emplace(component, config_.supervision);
}

/// What is kept, and what of it can be asked for.
void SupervisorExtension::open_results(Component& component) {
  config_.results.watch = [this](const KeptResult& kept) {
    if (repository_) repository_->add(kept);
  };
  results_.emplace(config_.results, clock_);
  if (!config_.is_repository) return;
  repository_.emplace(component, RepositoryOptions{.registry = config_.supervision.below.registry,
                                                   .folder = config_.results.folder,
                                                   .most_rows = config_.most_rows,
                                                   .log = config_.results.log});
}

void SupervisorExtension::restore(const JobRecord& record) {
  // Queries are offered by now, what components offer is not.
  if (repository_ && repository_->offers(record.service)) {
    above_->restore(record);
  } else {
    supervision_->restore(record);
  }
}

std::string SupervisorExtension::start() {
  supervision_->start();
  return to_string(supervision_->url());
}

void SupervisorExtension::use(TlsContext tls) { supervision_->use(std::move(tls)); }

void SupervisorExtension::stop() {
  if (supervision_) supervision_->stop();
}

}  // namespace mplane
