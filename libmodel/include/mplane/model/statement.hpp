#pragma once

#include "mplane/model/constraint.hpp"
#include "mplane/model/schema.hpp"
#include "mplane/model/value.hpp"
#include "mplane/model/when.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// Element name and value, in order of name.
using Metadata = std::vector<std::pair<std::string, Value>>;

namespace detail {
struct StatementData;
}

/// What all statements and the notifications made from them have in common: read access to the
/// sections of protocol section 5. Users meet it as Capability, Specification, Result, Receipt, …
/// A handle to shared immutable contents: copies are cheap; methods that change something return a
/// changed copy. Immutable.
class Statement {
 public:
  /// What to do: measure, query, collect, store, callback or one of the application's own.
  const std::string& verb() const noexcept;
  /// Text for people; empty when there is none.
  const std::string& label() const noexcept;
  const When& when() const noexcept;
  const Schema& schema() const noexcept;
  const Registry& registry() const noexcept { return schema().registry(); }
  const Metadata& metadata() const noexcept;
  /// The metadata value of that name, or null.
  const Value* find_metadata(std::string_view name) const noexcept;
  /// Where the next message of the workflow goes; nothing when not given, empty when given empty.
  const std::optional<std::string>& link() const noexcept;
  /// Where results go (URL), or can go (URL scheme); nothing when not given.
  const std::optional<std::string>& export_url() const noexcept;

  /// Whether a token was given to it, by its maker or its peer.
  bool has_token() const noexcept;
  /// The token it was given, else its default token, computed anew at each call: a runtime asks
  /// once and keeps it with `with_token`.
  std::string token() const;
  /// Hex MD5 over everything but label, link and token (protocol, section 6: `… ex export`).
  std::string statement_hash() const;
  /// Hex MD5 over the values alone (protocol, section 6: the default token of a specification).
  std::string value_hash() const;

  /// The constraint of a parameter, by place or name. `*` for everything but capabilities and
  /// withdrawals that were read from a peer. @throws Error{Mismatch} for an unknown name.
  const Constraint& constraint(std::size_t parameter) const noexcept;
  const Constraint& constraint(std::string_view parameter) const;
  /// The value of a parameter, by place or name; no value in capabilities and withdrawals.
  /// @throws Error{Mismatch} for an unknown name.
  const Value& value(std::size_t parameter) const noexcept;
  const Value& value(std::string_view parameter) const;
  /// The value of a parameter as a C++ type, as `Value::get`. @throws Error{Mismatch} naming it.
  template <typename T>
  T get(std::string_view parameter) const;

  /// All sections are equal, tokens too where both have one.
  friend bool operator==(const Statement& a, const Statement& b) noexcept;

  const detail::StatementData& data() const noexcept { return *data_; }  // internal

 protected:
  explicit Statement(std::shared_ptr<const detail::StatementData> data) noexcept;
  ~Statement() = default;
  Statement(const Statement&) = default;
  Statement(Statement&&) = default;
  Statement& operator=(const Statement&) = default;
  Statement& operator=(Statement&&) = default;

  std::shared_ptr<const detail::StatementData> data_;
};

/// One line for people and logs:
/// `<specification: measure when now + 1m / 1s token e00d7fe8 schema 5ce99352 p(v)/m/r 2(1)/0/5>`.
std::string diagnostic(const Statement& statement, std::string_view kind);

}  // namespace mplane
