#pragma once

#include "mplane/probes/exec.hpp"
#include "support/scratch.hpp"

#include <filesystem>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane::test {

/// Settings of a shell command whose output is one natural a line, as `packets.lost`.
inline ExecSettings shell(const std::string& command) {
  return {.label = "shell",
          .when = "now ... future",
          .results = {{.element = "packets.lost", .source = "n"}},
          .program = "/bin/sh",
          .arguments = {"-c", command},
          .patterns = {"^(?P<n>[0-9]+)$"}};
}

/// Runs one service as a scheduler would.
class ExecRig {
 public:
  explicit ExecRig(const ExecSettings& settings, TargetCheck check = {},
                   const Registry& registry = Registry::core())
      : service_(make_exec(registry, settings, runner_, {}, check)) {}

  const Capability& capability() const noexcept { return service_.capability; }
  const ServicePolicy& policy() const noexcept { return service_.policy; }

  std::future<Outcome> start(const Specification& specification, std::stop_token stop = {}) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    Completion completion([promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    std::get<AsyncRun>(service_.run)(specification, std::move(stop), std::move(completion));
    return promise->get_future();
  }

  /// What came of it: the rows, cells joined by commas; or the exception's text.
  std::string run(const Specification& specification) { return told(start(specification).get()); }
  std::string run(const std::string& when = "now") {
    return run(capability().specify(when).build());
  }

  static std::string told(const Outcome& outcome) {
    if (const auto* const exception = std::get_if<Exception>(&outcome)) {
      return "exception: " + exception->message();
    }
    std::string text;
    const Result& result = std::get<Result>(outcome);
    for (std::size_t row = 0; row < result.row_count(); ++row) {
      for (std::size_t column = 0; column < result.columns().size(); ++column) {
        text += (column > 0 ? "," : "") + to_string(result.columns()[column].value(row));
      }
      text += '\n';
    }
    return text;
  }

 private:
  ProgramRunner runner_;
  Service service_;
};

/// A fifo that programs write to when they are ready; reading it waits for them.
class Rendezvous {
 public:
  explicit Rendezvous(const ScratchFolder& folder) : path_(folder.path() / "ready") {
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
  }
  std::string path() const { return path_.string(); }
  std::string wait() const { return read_file(path_); }

 private:
  std::filesystem::path path_;
};

}  // namespace mplane::test
