#pragma once

#include "mplane/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace mplane {

/// What a component tells of itself when it polls, beside what the protocol knows; nothing where it
/// did not. A value.
struct ComponentSelf {
  std::string version = {};                   ///< of its mPlane
  std::optional<Duration> clock_offset = {};  ///< of its clock from ours, and what the poll took
  std::optional<double> load = {};            ///< of its machine, the average of a minute
};

/// A component as it is seen from here. A value.
struct ComponentView {
  std::string component;
  bool is_there = false;   ///< it is registered, or in reach
  bool is_called = false;  ///< we connect to it
  Duration unseen{0};      ///< since its last request or answer
  std::size_t offers = 0;
  std::size_t waiting = 0;  ///< messages that it has not fetched
  std::size_t asked = 0;    ///< specifications that it has not ended
  ComponentSelf self = {};
};

/// All of them, counted. A value.
struct ComponentCounts {
  std::size_t registered = 0;    ///< those that are there and registered themselves
  std::size_t connected = 0;     ///< those that are there and that we connect to
  std::size_t away = 0;          ///< those that are gone while something waits for them
  std::size_t out_of_reach = 0;  ///< those to connect to that cannot be reached
  std::size_t offers = 0;
  std::size_t waiting = 0;
  std::size_t asked = 0;
};

}  // namespace mplane
