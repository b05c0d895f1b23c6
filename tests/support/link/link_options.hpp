#pragma once

#include "support/link/link.hpp"

#include <string>
#include <vector>

namespace mplane::test {

/// What the program was asked for.
struct LinkOptions {
  std::string interface_a;
  std::string interface_b;
  std::string log_file;  ///< empty: none
  LinkSettings settings = {};
};

inline constexpr const char* kLinkUsage =
    "mplane-test-link --a IF --b IF [--delay-ab 10ms] [--delay-ba 10ms] [--loss 0.1]\n"
    "    [--duplicate 0.1] [--reorder 0.1] [--reorder-by 5ms] [--seed N] [--log FILE]\n"
    "Chances are from 0 to 1 and, with -ab or -ba behind the name, of one direction alone.\n";

/// @throws std::invalid_argument with a sentence that names the option or value.
LinkOptions parse_link_options(const std::vector<std::string>& arguments);

}  // namespace mplane::test
