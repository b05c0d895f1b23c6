#pragma once

#include "mplane/model/error.hpp"

#include <optional>

#include <catch2/catch.hpp>

/// The error that an action ends with. An action that throws none fails the test.
template <typename Action>
mplane::Error error_of(const Action& action) {
  std::optional<mplane::Error> caught;
  try {
    action();
  } catch (const mplane::Error& error) {
    caught = error;
  }
  REQUIRE(caught);
  return *caught;
}
