#include "mplane/tools/mistakes.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace mplane {
namespace {

/// "file:line" as file and number; without a line it comes first.
std::pair<std::string, std::size_t> place(const std::string& where) {
  const std::size_t colon = where.rfind(':');
  if (colon == std::string::npos) return {where, 0};
  std::size_t line = 0;
  std::from_chars(where.data() + colon + 1, where.data() + where.size(), line);
  return {where.substr(0, colon), line};
}

}  // namespace

void Mistakes::add(std::string where, std::string message) {
  mistakes_.emplace_back(ErrorKind::Configuration, std::move(where), std::move(message));
}

void Mistakes::raise() const {
  if (mistakes_.empty()) return;
  std::vector<Error> sorted = mistakes_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Error& a, const Error& b) {
    return place(a.where()) < place(b.where());
  });
  std::string lines;
  for (const Error& mistake : sorted) {
    if (!lines.empty()) lines += '\n';
    lines += mistake.what();
  }
  throw Error(ErrorKind::Configuration, "", std::move(lines));
}

}  // namespace mplane
