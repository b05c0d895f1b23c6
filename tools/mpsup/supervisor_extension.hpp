#pragma once

#include "control_socket.hpp"
#include "fleet_view.hpp"
#include "mplane/mpcom/extension.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/supervisor/repository.hpp"
#include "mplane/supervisor/supervision.hpp"
#include "mplane/tools/mistakes.hpp"
#include "result_stream.hpp"
#include "result_summaries.hpp"
#include "supervisor_config.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// What makes mpcom the supervisor's program: the section `supervisor`, the side towards the
/// components, and the results that are kept. One thread at a time.
class SupervisorExtension final : public Extension {
 public:
  void read(ConfigSection& root) override;
  void prepare(const ExtensionHost& host, ConfigContext& context) override;
  std::vector<Neighbour> neighbours() const override;
  void measure(MetricsPage& page) const override;
  void attach(Component& component) override;
  void restore(const JobRecord& record) override;
  std::string start() override;
  void use(TlsContext tls) override;
  void stop() override;

  /// Where people ask about the fleet; empty: nowhere.
  std::filesystem::path control_socket(const std::filesystem::path& state_dir) const;

 private:
  void open_results(Component& component);
  FleetSources sources(Component& component) const;
  void keep_then(const std::string& label, const Component::AsyncCollect& take,
                 const Identity& from, const Result& result, Component::Collected done);
  void check_control(const ExtensionHost& host);
  void check_elements(Mistakes& mistakes) const;

  SupervisorConfig config_;    // as it was read at the start
  bool is_controlled_ = true;  // unless the state folder's name is too long for a socket in it
  SystemClock clock_;
  Component* above_ = nullptr;
  std::optional<Repository> repository_;
  std::optional<ResultSummaries> summaries_;
  std::optional<ResultStream> stream_;  // reads for the summaries
  std::optional<ResultStore> results_;  // tells repository and stream what is new
  std::optional<Supervision> supervision_;
  FleetSources sources_;
  std::optional<ControlSocket> control_;  // asks all of these
};

}  // namespace mplane
