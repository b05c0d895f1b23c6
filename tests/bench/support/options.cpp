#include "bench.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace bench {

namespace {

std::size_t parse_rounds(std::string_view text) {
  std::size_t rounds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rounds);
  if (error != std::errc{} || end != text.data() + text.size() || rounds < 9) {
    throw std::invalid_argument("--rounds takes a number of at least 9, not '" + std::string(text) +
                                "'");
  }
  return rounds;
}

}  // namespace

Options Options::parse(int argc, const char* const* argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--json") {
      options.json = true;
    } else if (argument == "--list") {
      options.list = true;
    } else if (argument == "--large") {
      options.large = true;
    } else if (argument == "--rounds") {
      options.rounds = parse_rounds(++i < argc ? argv[i] : "");
    } else if (argument.substr(0, 1) == "-") {
      throw std::invalid_argument("there is no option '" + std::string(argument) + "'");
    } else {
      options.names.emplace_back(argument);
    }
  }
  return options;
}

}  // namespace bench
