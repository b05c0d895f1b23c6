#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/statement.hpp"

#include <memory>
#include <optional>
#include <string>

namespace mplane {

/// A message about a statement that repeats it, or names it by its token alone (protocol, section
/// 5). Where only a token was given, verb and token are all there is; everything else is empty.
/// Immutable.
class Notification : public Statement {
 public:
  /// Whether it carries a token and nothing of the statement it is about.
  bool is_token_only() const noexcept;

 protected:
  using Statement::Statement;
  ~Notification() = default;
  Notification(const Notification&) = default;
  Notification(Notification&&) = default;
  Notification& operator=(const Notification&) = default;
  Notification& operator=(Notification&&) = default;
};

/// "Not yet, or elsewhere": what a component answers to a specification whose result is not ready.
class Receipt : public Notification {
 public:
  explicit Receipt(const Specification& specification);
  Receipt with_label(std::string label) const;
  /// The specification it repeats. @throws Error{Invalid} when it is token-only.
  Specification specification() const;

 private:
  friend struct StatementAccess;  // internal
  explicit Receipt(std::shared_ptr<const detail::StatementData> data) noexcept;
};

/// "Is it ready?": asks for the result that a receipt promised.
class Redemption : public Notification {
 public:
  explicit Redemption(const Receipt& receipt);
  explicit Redemption(const Specification& specification);
  /// Token-only, the verb being `measure` unless said otherwise.
  static Redemption of(std::string token, std::string verb = "measure");

 private:
  friend struct StatementAccess;  // internal
  explicit Redemption(std::shared_ptr<const detail::StatementData> data) noexcept;
};

/// "Stop, and give me what there is."
class Interrupt : public Notification {
 public:
  explicit Interrupt(const Specification& specification);
  explicit Interrupt(const Receipt& receipt);
  static Interrupt of(std::string token, std::string verb = "measure");

 private:
  friend struct StatementAccess;  // internal
  explicit Interrupt(std::shared_ptr<const detail::StatementData> data) noexcept;
};

/// "No longer offered": takes a capability back.
class Withdrawal : public Notification {
 public:
  explicit Withdrawal(const Capability& capability);
  /// Token and label alone: the only form that old peers read without harm.
  static Withdrawal brief(const Capability& capability);

 private:
  friend struct StatementAccess;  // internal
  explicit Withdrawal(std::shared_ptr<const detail::StatementData> data) noexcept;
};

/// "Ask there": a specification sent on to the peer at its `link`.
class Indirection : public Notification {
 public:
  Indirection(const Specification& specification, std::string link);

 private:
  friend struct StatementAccess;  // internal
  explicit Indirection(std::shared_ptr<const detail::StatementData> data) noexcept;
};

}  // namespace mplane
