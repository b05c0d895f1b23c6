#include "few.hpp"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using mplane::detail::Few;

namespace {

std::vector<int> values(const Few<std::unique_ptr<int>>& few) {
  std::vector<int> all;
  for (const auto& one : few) all.push_back(*one);
  return all;
}

}  // namespace

TEST_CASE("a few are a list like others, however many there are", "[few]") {
  Few<std::unique_ptr<int>> few;
  CHECK(few.empty());
  CHECK(few.begin() == few.end());
  for (int i = 1; i <= 4; ++i) {
    few.push_back(std::make_unique<int>(i));
    CHECK(few.size() == static_cast<std::size_t>(i));
    CHECK(*few.front() == 1);
    CHECK(*few.back() == i);
  }
  CHECK(values(few) == std::vector<int>{1, 2, 3, 4});
  few.pop_front();
  few.erase_if([](const auto& one) { return *one == 3; });
  CHECK(values(few) == std::vector<int>{2, 4});
  few.pop_front();
  few.pop_front();
  CHECK(few.empty());
  few.push_back(std::make_unique<int>(5));  // after more were there
  CHECK(values(few) == std::vector<int>{5});
  few.erase_if([](const auto&) { return true; });
  CHECK(few.empty());
  few.push_back(std::make_unique<int>(6));
  few.clear();
  CHECK(few.empty());
}
