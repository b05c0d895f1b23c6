#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mplane {

/// Finds the known word that a mistyped one most likely means, by the number of letters inserted,
/// left out, changed or swapped; more than about a third of the word is no near miss. Costs the
/// product of two lengths a candidate: for error messages. One thread at a time.
///
///     NearMiss guess(name);
///     for (const Element& element : registry.elements()) guess.consider(element.name());
///     throw Error(ErrorKind::Invalid, where, quoted(name) + " is no element" + guess.hint());
class NearMiss {
 public:
  /// Keeps a view of `word`, and of the candidates: they outlive it.
  explicit NearMiss(std::string_view word) noexcept;

  /// Of candidates that are equally near the first wins.
  void consider(std::string_view candidate);

  /// The best candidate; empty when none is near.
  std::string_view best() const noexcept { return best_; }
  /// `; did you mean "…"?`, or nothing at all.
  std::string hint() const;

 private:
  std::string_view word_;
  std::string_view best_;
  std::size_t nearest_;  // a candidate has to be nearer than this
};

}  // namespace mplane
