#include "mplane/probes/common/run_host.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probes/common/conditions.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <unordered_map>
#include <utility>

namespace mplane {

/// The part of a host that lives on the loop. Shared, so that a late request to stop finds out that
/// it is gone.
class RunHost::Table : public std::enable_shared_from_this<Table> {
 public:
  explicit Table(Engine& engine) : engine_(engine) {}

  void start(const Specification& specification, const Make& make, std::stop_token stop,
             Completion completion) {
    const Id id = next_id_++;
    try {
      Entry& entry =
          runs_.try_emplace(id, specification, std::move(completion), Conditions::now(runs_.size()))
              .first->second;
      entry.run = make(engine_);
      if (stop.stop_requested()) return finish(id);
      entry.run->begin([this, id] { finish_soon(id); });
      end_when_asked(entry, id, std::move(stop));
    } catch (const Error& error) {
      fail(runs_.extract(id).mapped(), error);
    } catch (const std::exception& error) {
      fail(runs_.extract(id).mapped(), Error(ErrorKind::Internal, "", error.what()));
    }
  }

 private:
  using Id = std::uint64_t;
  using OnStop = std::stop_callback<std::function<void()>>;

  struct Entry {
    Entry(const Specification& asked, Completion whom, const Conditions& found)
        : specification(asked), completion(std::move(whom)), conditions(found) {}

    Specification specification;
    Completion completion;
    Conditions conditions;
    std::unique_ptr<ProbeRun> run = nullptr;
    std::unique_ptr<OnStop> on_stop = nullptr;
    Timer end = {};
  };

  void end_when_asked(Entry& entry, Id id, std::stop_token stop) {
    const auto on_loop = [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->finish(id);
    };
    entry.on_stop = std::make_unique<OnStop>(
        std::move(stop), [&engine = engine_, on_loop] { engine.post(on_loop); });
  }

  void finish_soon(Id id) {
    const auto entry = runs_.find(id);
    if (entry == runs_.end()) return;
    entry->second.end = engine_.after(std::chrono::nanoseconds(0), [this, id] { finish(id); });
  }

  void finish(Id id) {
    auto ended = runs_.extract(id);
    if (ended.empty()) return;
    Entry& entry = ended.mapped();
    try {
      Result result = entry.run->take_result(entry.specification);
      annotate(result, entry.conditions);
      entry.run.reset();
      entry.completion(std::move(result));
    } catch (const Error& error) {
      fail(entry, error);
    } catch (const std::exception& error) {
      fail(entry, Error(ErrorKind::Internal, "", error.what()));
    }
  }

  static void fail(Entry& entry, const Error& error) {
    entry.run.reset();
    entry.completion.fail(error);
  }

  Engine& engine_;
  std::unordered_map<Id, Entry> runs_;
  Id next_id_ = 0;
};

RunHost::RunHost(Engine& engine) : engine_(engine), table_(std::make_shared<Table>(engine)) {}

RunHost::~RunHost() {
  // What lives on the loop dies there, behind all that was posted before.
  engine_.post([table = std::move(table_)] {});
}

void RunHost::start(const Specification& specification, Make make, std::stop_token stop,
                    Completion completion) {
  engine_.post([table = table_, specification, make = std::move(make), stop = std::move(stop),
                completion = std::move(completion)]() mutable {
    table->start(specification, make, std::move(stop), std::move(completion));
  });
}

AsyncRun run_on(std::shared_ptr<RunHost> host, RunHost::Prepare prepare) {
  return [host = std::move(host), prepare = std::move(prepare)](
             const Specification& specification, std::stop_token stop, Completion completion) {
    host->start(specification, prepare(specification), std::move(stop), std::move(completion));
  };
}

}  // namespace mplane
