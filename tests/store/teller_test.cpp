#include "teller.hpp"

#include <future>
#include <numeric>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using mplane::detail::Teller;

TEST_CASE("calls are made in their order, all of them before the end", "[teller]") {
  std::vector<int> made;
  {
    Teller teller("test-teller");
    for (int i = 0; i < 1'000; ++i) teller.tell([&made, i] { made.push_back(i); });
  }
  std::vector<int> in_order(1'000);
  std::iota(in_order.begin(), in_order.end(), 0);
  CHECK(made == in_order);
}

TEST_CASE("who has a call made does not wait for it", "[teller]") {
  std::promise<void> go_on;
  std::promise<std::thread::id> done;
  Teller teller("test-teller");
  teller.tell([&] { go_on.get_future().wait(); });
  teller.tell([&] { done.set_value(std::this_thread::get_id()); });
  go_on.set_value();  // which the first call waits for
  CHECK(done.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("a call may have another one made", "[teller]") {
  std::promise<int> last;
  Teller teller("test-teller");
  teller.tell([&] { teller.tell([&] { last.set_value(2); }); });
  CHECK(last.get_future().get() == 2);
}
