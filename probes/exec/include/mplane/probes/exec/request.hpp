#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A program's arguments with places for values. There is no shell: each template becomes exactly
/// one argument, whatever is in the values.
///
///     template = *( text | "{" place "}" | "{{" | "}}" )
///     place    = name of a parameter | "@duration" | "@period" | "@count"
///
/// The three with `@` are of the scope: its length and period in whole seconds, and how many
/// periods start in it; a single time has length 0, period 1 and count 1. Immutable.
class ArgumentTemplates {
 public:
  /// Every parameter must be used, unless the capability leaves no choice.
  /// @throws Error{Configuration} whose `where` is "arguments", or "parameters/…" for an unused
  /// one.
  ArgumentTemplates(const std::vector<std::string>& texts, const Capability& capability);

  /// The arguments of one run.
  /// @throws Error{Invalid} naming the parameter whose value cannot be an argument: it has a NUL,
  /// is longer than 4096 bytes, or begins the argument with a `-`, which the program would take for
  /// an option (behind an argument that is `--` alone it may); or `when`, if a place asks for the
  /// length of a scope that has none.
  std::vector<std::string> fill(const Specification& specification, Instant now) const;

 private:
  struct Piece {
    std::string text;
    bool is_place = false;
  };
  using Template = std::vector<Piece>;

  static Template parse(std::string_view text, const Capability& capability);
  std::vector<Template> templates_;
};

}  // namespace mplane
