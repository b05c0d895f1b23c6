#include "mplane/model/message.hpp"

#include "statement_data.hpp"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

namespace mplane {
namespace {

static_assert(std::variant_size_v<Message::Alternatives> == detail::kKinds);

std::string or_unspecified(std::string message) {
  return message.empty() ? "Unspecified exception" : std::move(message);
}

bool same_token(const Envelope& a, const Envelope& b) noexcept {
  return !a.token || !b.token || *a.token == *b.token;
}

}  // namespace

Exception::Exception(std::optional<std::string> token, std::string message)
    : token_(std::move(token)), message_(or_unspecified(std::move(message))) {}

Exception::Exception(std::optional<std::string> token, const Error& error)
    : Exception(std::move(token), std::string(error.what())) {}

Envelope::Envelope() = default;
Envelope::Envelope(std::vector<Message> messages) : messages_(std::move(messages)) {}
Envelope::~Envelope() = default;
Envelope::Envelope(const Envelope&) = default;
Envelope::Envelope(Envelope&&) noexcept = default;
Envelope& Envelope::operator=(const Envelope&) = default;
Envelope& Envelope::operator=(Envelope&&) noexcept = default;

Envelope& Envelope::append(Message message) & {
  messages_.push_back(std::move(message));
  return *this;
}

bool Envelope::empty() const noexcept { return messages_.empty(); }
std::size_t Envelope::size() const noexcept { return messages_.size(); }

void Envelope::trim(const std::size_t newest) {
  if (messages_.size() <= newest) return;
  const auto surplus = static_cast<std::ptrdiff_t>(messages_.size() - newest);
  messages_.erase(messages_.begin(), messages_.begin() + surplus);
}

bool operator==(const Envelope& a, const Envelope& b) noexcept {
  return a.content_type == b.content_type && same_token(a, b) && a.label == b.label &&
         a.when == b.when && a.messages_ == b.messages_;
}

std::string_view Message::kind() const noexcept {
  return detail::name(static_cast<detail::Kind>(message_.index()));
}

std::string Message::token() const {
  if (const Statement* own = statement()) return own->token();
  if (const auto* exception = find<Exception>()) return exception->token().value_or("");
  return find<Envelope>()->token.value_or("");
}

std::string Message::label() const {
  if (const Statement* own = statement()) return own->label();
  const auto* envelope = find<Envelope>();
  return envelope == nullptr ? std::string() : envelope->label.value_or("");
}

const Statement* Message::statement() const noexcept {
  return std::visit(
      [](const auto& message) -> const Statement* {
        if constexpr (std::is_base_of_v<Statement, std::decay_t<decltype(message)>>) {
          return &message;
        } else {
          return nullptr;
        }
      },
      message_);
}

}  // namespace mplane
