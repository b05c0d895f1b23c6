// From submitting a specification to holding its result, for a service that returns at once on a
// worker, against a post to a pool of as many threads and a wait for its future; with 64 clients,
// and with one. Specifications come with tokens of their own, as clients send them.

#include "bench.hpp"
#include "jobs.hpp"
#include "mplane/scheduler.hpp"
#include "submitters.hpp"
#include "thread_pool.hpp"

#include <chrono>
#include <cstddef>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using mplane::Message;
using mplane::Specification;
using namespace std::chrono_literals;

constexpr std::size_t kOperations = 20'000;  // a round

/// A scheduler with as many workers as clients.
class Clients {
 public:
  explicit Clients(const std::size_t count)
      : scheduler_(clock_, {.workers = count, .results = {.fetched = 1s}}, {}) {
    const auto capability = bench::counting_capability();
    scheduler_.offer({capability, mplane::Run([](const Specification& asked, auto) {
                        return mplane::Result(asked).row({{"delay.twoway.icmp.count", 1}});
                      })});
    for (std::size_t i = 0; i < count; ++i) owners_.push_back("client-" + std::to_string(i));
  }

  std::vector<double> rate() {
    const std::size_t each = kOperations / owners_.size();
    const auto asked =
        bench::specifications(bench::counting_capability(), mplane::When::parse("now"),
                              std::exchange(next_, next_ + kOperations), kOperations);
    return {bench::rate_of_threads(owners_.size(), each, [&](std::size_t thread, std::size_t i) {
      ask(owners_[thread], asked[thread * each + i]);
    })};
  }

 private:
  void ask(const std::string& owner, const Specification& specification) {
    scheduler_.submit(owner, specification);
    std::promise<Message> answer;
    scheduler_.await(owner, specification.token(), 1min,
                     [&answer](Message message) { answer.set_value(std::move(message)); });
    const Message message = answer.get_future().get();
    if (message.find<mplane::Result>() == nullptr) throw std::runtime_error("there is no result");
  }

  mplane::SystemClock clock_;
  mplane::Scheduler scheduler_;
  std::vector<std::string> owners_;
  std::size_t next_ = 0;
};

void row(bench::Suite& suite, const char* name, const std::size_t count) {
  Clients clients(count);
  yardstick::ThreadPool pool(count);
  suite.compare(
      name, {{"", "1/s", bench::Better::Higher}}, [&] { return clients.rate(); },
      [&]() -> std::vector<double> {
        return {bench::rate_of_threads(count, kOperations / count, [&](std::size_t, std::size_t i) {
          bench::keep(pool.post_and_wait(i));
        })};
      });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  row(suite, "submit-result", 64);
  row(suite, "submit-result-1", 1);
  return suite.finish();
}
