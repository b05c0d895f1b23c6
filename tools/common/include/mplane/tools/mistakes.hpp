#pragma once

#include "mplane/model/error.hpp"

#include <string>
#include <vector>

namespace mplane {

/// What is wrong with a configuration: every mistake with its place, not only the first one. One
/// thread at a time.
class Mistakes {
 public:
  /// @param where "file:line", a file, or empty.
  void add(std::string where, std::string message);
  void add(const Error& error) { mistakes_.push_back(error); }

  bool empty() const noexcept { return mistakes_.empty(); }
  const std::vector<Error>& all() const noexcept { return mistakes_; }

  /// Does nothing if there is none. @throws Error{Configuration} whose message has a line for each,
  /// in the order of files and lines.
  void raise() const;

 private:
  std::vector<Error> mistakes_;
};

}  // namespace mplane
