#include "mplane/tools/mistakes.hpp"

#include <utility>

namespace mplane {

void Mistakes::add(std::string where, std::string message) {
  mistakes_.emplace_back(ErrorKind::Configuration, std::move(where), std::move(message));
}

void Mistakes::raise() const {
  if (mistakes_.empty()) return;
  std::string lines;
  for (const Error& mistake : mistakes_) {
    if (!lines.empty()) lines += '\n';
    lines += mistake.what();
  }
  throw Error(ErrorKind::Configuration, "", std::move(lines));
}

}  // namespace mplane
