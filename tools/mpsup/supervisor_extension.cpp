#include "supervisor_extension.hpp"

#include "mplane/model/quoted.hpp"
#include "mplane/tools/unix_socket.hpp"
#include "question_key.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
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
  for (const Url& url : below.connect) {
    if (url.is_secure() != below.insecure) continue;
    context.mistakes.add(config_.connect_where,
                         "'supervisor.connect': " + mplane::quoted(to_string(url)) +
                             " has to begin with " + (below.insecure ? "http" : "https") +
                             ":// as 'component.insecure' is " +
                             (below.insecure ? "true" : "false"));
  }
  for (StreamTarget& target : config_.streams) {
    target.tls = below.tls;
    if (!target.url || !target.url->is_secure() || target.tls) continue;
    context.mistakes.add(config_.streams_where, "there is no certificate to connect to " +
                                                    mplane::quoted(to_string(*target.url)) +
                                                    " with");
  }
  // Who is sent results by others keeps them, too.
  for (Collection& one : host.collections) {
    one.take = [this, label = one.capability.label(), take = std::move(one.take)](
                   const Identity& from, const Result& result, Component::Collected done) {
      keep_then(label, take, from, result, std::move(done));
    };
  }
  if (!config_.streams.empty() && host.state_dir.empty()) {
    context.mistakes.add(config_.streams_where,
                         "what is streamed is what is kept: there is no component.state-dir");
  }
  check_control(host);
  check_elements(context.mistakes);
}

/// Where nobody named a socket there need not be one.
void SupervisorExtension::check_control(const ExtensionHost& host) {
  try {
    check_socket_name(control_socket(host.state_dir));
  } catch (const Error& error) {
    if (!config_.control.empty()) return;  // that was noted when it was read
    is_controlled_ = false;
    log(config_.results.log,
        {Severity::Warning,
         "control",
         "nobody can ask about the fleet; 'supervisor.control' can name a file",
         {{"reason", error.what()}}});
  }
}

void SupervisorExtension::check_elements(Mistakes& mistakes) const {
  const SupervisionOptions& supervision = config_.supervision;
  const auto fenced = [&](const std::string& where, const std::function<void()>& check) {
    try {
      check();
    } catch (const Error& error) {
      mistakes.add(where, error.what());
    }
  };
  const Registry& registry = supervision.below.registry;
  for (std::size_t i = 0; i < supervision.compositions.size(); ++i) {
    fenced(config_.compositions_where[i],
           [&] { check_compositions({supervision.compositions[i]}, registry); });
  }
  if (!supervision.tell_asker) return;
  fenced(config_.tell_asker_where, [&] { registry.element(SupervisionOptions::kAsker); });
}

std::vector<Neighbour> SupervisorExtension::neighbours() const {
  const ClientListenerOptions& below = config_.supervision.below;
  std::vector<Neighbour> all{{"components", HostPort::parse(below.listen)}};
  for (const Url& url : below.connect) all.push_back({"component", url});
  return all;
}

void SupervisorExtension::measure(MetricsPage& page) const {
  if (summaries_) summaries_->write(page);
  const ComponentCounts below = supervision_->counts();
  const auto number = [](const std::size_t value) { return static_cast<double>(value); };
  page.gauge("mplane_components", "Components that are there, by who connects to whom",
             number(below.registered), {{"how", "registered"}});
  page.gauge("mplane_components", "Components that are there, by who connects to whom",
             number(below.connected), {{"how", "connected"}});
  page.gauge("mplane_components_away", "Components that are gone while something waits for them",
             number(below.away));
  page.gauge("mplane_components_out_of_reach", "Those to connect to that cannot be reached",
             number(below.out_of_reach));
  page.gauge("mplane_offers", "Capabilities that components offer", number(below.offers));
  page.gauge("mplane_queue_waiting", "Messages that components have not fetched",
             number(below.waiting));
  page.gauge("mplane_queue_asked", "Specifications that components have not ended",
             number(below.asked));
}

void SupervisorExtension::attach(Component& component) {
  above_ = &component;
  if (!config_.results.folder.empty()) open_results(component);
  config_.supervision.results = results_ ? &*results_ : nullptr;
  if (!config_.results.folder.empty()) {
    config_.supervision.token_key = question_key(config_.results.folder);
  }
  supervision_.emplace(component, config_.supervision);
  sources_ = sources(component);
}

/// What is kept, and what of it can be asked for.
void SupervisorExtension::open_results(Component& component) {
  config_.results.watch = [this](const KeptResult& kept) {
    if (repository_) repository_->add(kept);
    if (stream_) stream_->add(kept);
  };
  config_.results.gone = [this](const ResultKind& kind) {
    if (repository_) repository_->remove(kind);
  };
  if (config_.is_summarised) summaries_.emplace();
  if (!config_.streams.empty() || summaries_) {
    stream_.emplace(config_.streams, config_.supervision.below.registry, config_.results.log,
                    StreamLimits(), summaries_ ? &*summaries_ : nullptr);
  }
  results_.emplace(config_.results, clock_);
  if (!config_.is_repository) return;
  repository_.emplace(component, RepositoryOptions{.registry = config_.supervision.below.registry,
                                                   .folder = config_.results.folder,
                                                   .most_rows = config_.most_rows,
                                                   .longest = config_.longest_query,
                                                   .most_kinds = config_.most_kinds,
                                                   .log = config_.results.log});
}

/// Keeps what another component exported to us, before somebody takes it and the component is told
/// that it arrived. When it is not kept it is sent again.
void SupervisorExtension::keep_then(const std::string& label, const Component::AsyncCollect& take,
                                    const Identity& from, const Result& result,
                                    Component::Collected done) {
  if (!results_) return take(from, result, std::move(done));
  const auto kept = [take, from, result, done = std::move(done)](const std::optional<Error>& why) {
    if (why) {
      return done(Error(ErrorKind::Unavailable, "", "the result could not be kept; send it again"));
    }
    try {
      take(from, result, done);
    } catch (const Error& error) {
      done(error);
    } catch (const std::exception& error) {
      done(Error(ErrorKind::Internal, "", error.what()));
    }
  };
  results_->keep(kept_result(from.text(), label, result.token(), result, clock_.now()), kept);
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
  const std::filesystem::path socket = control_socket(config_.results.folder);
  if (!socket.empty() && is_controlled_) {
    control_.emplace(
        socket,
        [this](const std::string& question) {
          return fleet_answer(parse_fleet_question(question), sources_, clock_.now());
        },
        config_.results.log);
  }
  return to_string(supervision_->url());
}

void SupervisorExtension::use(TlsContext tls) {
  if (stream_) stream_->use(tls);
  supervision_->use(std::move(tls));
}

std::filesystem::path SupervisorExtension::control_socket(
    const std::filesystem::path& state_dir) const {
  if (!config_.control.empty() || state_dir.empty()) return config_.control;
  return state_dir / "control.sock";
}

FleetSources SupervisorExtension::sources(Component& component) const {
  FleetSources sources;
  sources.components = [this] { return supervision_->components(); };
  sources.counts = [this] { return supervision_->counts(); };
  sources.offers = [this] { return supervision_->registrations(); };
  sources.measurements = [&component] { return component.jobs(); };
  sources.above = [&component] { return component.status(); };
  sources.results = [this]() -> std::optional<ResultStore::Contents> {
    if (!results_) return {};
    return results_->contents();
  };
  sources.began = clock_.now();
  return sources;
}

void SupervisorExtension::stop() {
  control_.reset();
  if (supervision_) supervision_->stop();
  // While there is a component: what the store still has to tell may withdraw something from it.
  supervision_.reset();
  results_.reset();
  stream_.reset();
  repository_.reset();
}

}  // namespace mplane
