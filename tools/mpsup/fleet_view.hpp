#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/client/component_view.hpp"
#include "mplane/component/status.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/plan.hpp"
#include "mplane/store/result_store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// What is asked of a supervisor about its fleet. A value.
struct FleetQuestion {
  enum class Topic : std::uint8_t { Status, Components, Capabilities, Measurements };

  Topic topic = Topic::Status;
  std::string component = "*";  ///< names; `*` stands for any text, here and below
  std::string label = "*";      ///< of capabilities, and of what is measured
  std::string owner = "*";      ///< who asked for a measurement
  std::string state = "*";      ///< of components "here", "away"; of measurements "planned", …
  bool json = false;
};

/// As it travels over the control socket: a word, then lines "key value".
std::string to_text(const FleetQuestion& question);
/// @throws Error{Malformed} naming the line, or a state that nothing is ever in.
FleetQuestion parse_fleet_question(const std::string& text);

/// Where the answers come from; each is called when it is needed.
struct FleetSources {
  std::function<std::vector<ComponentView>()> components;
  std::function<ComponentCounts()> counts;
  std::function<std::vector<Registration>()> offers;
  std::function<std::vector<JobStatus>()> measurements;
  std::function<ComponentStatus()> above;
  std::function<std::optional<ResultStore::Contents>()> results;
  Instant began{};  ///< when the supervisor did
};

/// The answer, as a table for people or as one JSON document.
std::string fleet_answer(const FleetQuestion& question, const FleetSources& sources, Instant now);

}  // namespace mplane
