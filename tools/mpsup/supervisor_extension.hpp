#pragma once

#include "mplane/mpcom/extension.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/supervisor/repository.hpp"
#include "mplane/supervisor/supervision.hpp"
#include "supervisor_config.hpp"

#include <optional>
#include <string>

namespace mplane {

/// What makes mpcom the supervisor's program: the section `supervisor`, the side towards the
/// components, and the results that are kept. One thread at a time.
class SupervisorExtension final : public Extension {
 public:
  void read(ConfigSection& root) override;
  void prepare(const ExtensionHost& host, ConfigContext& context) override;
  void attach(Component& component) override;
  void restore(const JobRecord& record) override;
  std::string start() override;
  void use(TlsContext tls) override;
  void stop() override;

 private:
  void open_results(Component& component);

  SupervisorConfig config_;  // as it was read at the start
  SystemClock clock_;
  Component* above_ = nullptr;
  std::optional<Repository> repository_;
  std::optional<ResultStore> results_;  // tells the repository what is new
  std::optional<Supervision> supervision_;
};

}  // namespace mplane
