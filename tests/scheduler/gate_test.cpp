#include "gate.hpp"

#include "job.hpp"

#include <deque>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using detail::Execution;
using detail::Gate;

namespace {

/// Executions that only have to be told apart.
struct Crowd {
  Execution& operator[](std::size_t index) {
    while (all.size() <= index) {
      all.emplace_back(nullptr, specification(), Instant(), detail::Due::wall(Instant()));
    }
    return all[index];
  }
  static Specification specification() {
    return Capability::measure("x").build(Registry::core()).specify("now").build();
  }
  std::deque<Execution> all;
};

}  // namespace

TEST_CASE("a gate lets so many through and the next when one leaves", "[gate]") {
  Crowd crowd;
  Gate gate(2, Reason::RunLimit);
  CHECK(gate.enter(crowd[0], JobClass::Normal));
  CHECK(gate.enter(crowd[1], JobClass::Normal));
  CHECK_FALSE(gate.enter(crowd[2], JobClass::Normal));
  CHECK(gate.admit_next() == nullptr);
  gate.leave(JobClass::Normal);
  CHECK(gate.admit_next() == &crowd[2]);
  CHECK(gate.admit_next() == nullptr);
}

TEST_CASE("what is exclusive goes through alone, and nobody overtakes it", "[gate]") {
  Crowd crowd;
  Gate gate(9, Reason::RunLimit);
  CHECK(gate.enter(crowd[0], JobClass::Normal));
  CHECK_FALSE(gate.enter(crowd[1], JobClass::Exclusive));
  CHECK_FALSE(gate.enter(crowd[2], JobClass::Normal));
  gate.leave(JobClass::Normal);
  CHECK(gate.admit_next() == &crowd[1]);
  CHECK(gate.admit_next() == nullptr);
  gate.leave(JobClass::Exclusive);
  CHECK(gate.admit_next() == &crowd[2]);
}

TEST_CASE("background lets all others go first", "[gate]") {
  Crowd crowd;
  Gate gate(1, Reason::RunLimit);
  CHECK(gate.enter(crowd[0], JobClass::Background));
  CHECK_FALSE(gate.enter(crowd[1], JobClass::Background));
  CHECK_FALSE(gate.enter(crowd[2], JobClass::Normal));
  gate.leave(JobClass::Background);
  CHECK(gate.admit_next() == &crowd[2]);
  gate.leave(JobClass::Normal);
  CHECK(gate.admit_next() == &crowd[1]);
}

TEST_CASE("who no longer waits is not let through", "[gate]") {
  Crowd crowd;
  Gate gate(1, Reason::RunLimit);
  CHECK(gate.enter(crowd[0], JobClass::Normal));
  CHECK_FALSE(gate.enter(crowd[1], JobClass::Normal));
  CHECK_FALSE(gate.enter(crowd[2], JobClass::Normal));
  gate.forget(crowd[1]);
  CHECK(gate.waiting() == 1);
  gate.leave(JobClass::Normal);
  CHECK(gate.admit_next() == &crowd[2]);
}
