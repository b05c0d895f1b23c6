#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/notification.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mplane {

/// What went wrong with a message, said to the peer that sent it. (What C++ throws is `Error`.)
/// Immutable but for assignment.
class Exception {
 public:
  /// @param token of the message at fault; nothing when it had none or could not be read.
  /// An empty text becomes "Unspecified exception".
  Exception(std::optional<std::string> token, std::string message);
  /// The same for an error: its sentence with the place.
  Exception(std::optional<std::string> token, const Error& error);

  const std::optional<std::string>& token() const noexcept { return token_; }
  const std::string& message() const noexcept { return message_; }
  friend bool operator==(const Exception&, const Exception&) noexcept = default;

 private:
  std::optional<std::string> token_;
  std::string message_;
};

class Message;

/// Several messages in one, or the results so far of a repeated specification, which then has its
/// token, label and outer scope. A value.
class Envelope {
 public:
  Envelope();
  explicit Envelope(std::vector<Message> messages);
  ~Envelope();
  Envelope(const Envelope&);
  Envelope(Envelope&&) noexcept;
  Envelope& operator=(const Envelope&);
  Envelope& operator=(Envelope&&) noexcept;

  Envelope& append(Message message) &;
  const std::vector<Message>& messages() const noexcept { return messages_; }
  bool empty() const noexcept;
  std::size_t size() const noexcept;
  /// Keeps the newest (last) messages only, in their order.
  void trim(std::size_t newest);

  /// What its contents are: a kind of message, or "message".
  std::string content_type = "message";
  std::optional<std::string> token;
  std::optional<std::string> label;
  std::optional<When> when;

  friend bool operator==(const Envelope& a, const Envelope& b) noexcept;

 private:
  std::vector<Message> messages_;
};

/// Any message there is. A value; visit it with `visit`, or ask for one kind with `find<T>`.
class Message {
 public:
  using Alternatives = std::variant<Capability, Specification, Result, Receipt, Redemption,
                                    Indirection, Withdrawal, Interrupt, Exception, Envelope>;

  /// Each of them is a message, without further ado.
  template <typename T>
  // NOLINTNEXTLINE(google-explicit-constructor, bugprone-forwarding-reference-overload)
  requires std::constructible_from<Alternatives, T&&> Message(T&& message)
      : message_(std::forward<T>(message)) {}

  /// The key that names it in JSON: "capability", …
  std::string_view kind() const noexcept;
  /// Its token: given, or of an exception that of the message at fault; empty when there is none.
  std::string token() const;
  /// Its label; empty when there is none.
  std::string label() const;

  template <typename T>
  const T* find() const noexcept {
    return std::get_if<T>(&message_);
  }
  /// The statement or notification it is; null for exceptions and envelopes.
  const Statement* statement() const noexcept;

  const Alternatives& alternatives() const noexcept { return message_; }
  friend bool operator==(const Message& a, const Message& b) noexcept = default;

 private:
  Alternatives message_;
};

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

/// One line about any message, for logs: see `diagnostic` of a statement.
std::string diagnostic(const Message& message);

}  // namespace mplane
