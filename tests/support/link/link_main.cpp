// mplane-test-link: a link in user space between two interfaces, for tests. Says "ready" when it
// runs; on SIGINT or SIGTERM it stops and says what it did.
#include "support/link/link.hpp"
#include "support/link/link_options.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mplane::test;

struct Totals {
  std::size_t packets = 0;
  std::size_t dropped = 0;
  std::size_t duplicated = 0;
  std::size_t reordered = 0;

  void add(const Fate& fate) {
    ++packets;
    dropped += fate.dropped ? 1 : 0;
    duplicated += fate.duplicated ? 1 : 0;
    reordered += fate.held_back ? 1 : 0;
  }
  void print(const char* direction) const {
    std::printf("%s: %zu packets, %zu dropped, %zu duplicated, %zu reordered\n", direction, packets,
                dropped, duplicated, reordered);
  }
};

void run(const LinkOptions& options, const sigset_t& ends) {
  std::ofstream file;
  if (!options.log_file.empty()) {
    file.open(options.log_file);
    if (!file) throw std::runtime_error(options.log_file + " cannot be written");
    file << log_header() << std::endl;
  }
  std::array<Totals, 2> totals;
  {
    const Link link(options.interface_a, options.interface_b, options.settings,
                    [&](const LinkRecord& record) {
                      totals.at(record.direction == Direction::AToB ? 0 : 1).add(record.fate);
                      if (file.is_open()) file << log_line(record) << '\n' << std::flush;
                    });
    std::puts("ready");
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ends, &signal);
  }
  totals[0].print("a-b");
  totals[1].print("b-a");
}

}  // namespace

int main(int argc, char** argv) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  try {
    run(parse_link_options({argv + 1, argv + argc}), ends);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s\n%s", error.what(), kLinkUsage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
