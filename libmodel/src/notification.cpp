#include "mplane/model/notification.hpp"

#include "mplane/model/error.hpp"
#include "statement_data.hpp"

#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::Kind;
using detail::StatementData;

// What a message about another takes from it: everything but link and export, and its token, even
// if that has to be made (protocol, section 11).
std::shared_ptr<StatementData> about(const Kind kind, const Statement& statement) {
  auto data = std::make_shared<StatementData>(statement.data());
  data->kind = kind;
  if (!data->token) data->token = statement.token();
  data->link.reset();
  data->export_url.reset();
  return data;
}

std::shared_ptr<StatementData> everything_of(const Kind kind, const Statement& statement) {
  auto data = about(kind, statement);
  data->link = statement.link();
  data->export_url = statement.export_url();
  return data;
}

std::shared_ptr<StatementData> by_token(const Kind kind, std::string verb, const Schema& schema,
                                        std::string token) {
  auto data = std::make_shared<StatementData>(kind, std::move(verb), schema);
  data->token_only = true;
  data->token = std::move(token);
  return data;
}

// For a message that uses no element: the core registry by name, without its hundred elements.
Registry core_by_name() {
  return Registry::decode(R"({"registry-format": "mplane-0", "registry-revision": 0,
      "registry-uri": ")" +
                          std::string(kCoreRegistryUri) + R"(", "elements": []})");
}

std::shared_ptr<StatementData> by_token(const Kind kind, std::string verb, std::string token) {
  return by_token(kind, std::move(verb), Schema(core_by_name(), {}, {}), std::move(token));
}

}  // namespace

bool Notification::is_token_only() const noexcept { return data_->token_only; }

Receipt::Receipt(std::shared_ptr<const StatementData> data) noexcept
    : Notification(std::move(data)) {}

Receipt::Receipt(const Specification& specification)
    : Receipt(about(Kind::Receipt, specification)) {}

Receipt Receipt::with_label(std::string label) const {
  auto data = std::make_shared<StatementData>(*data_);
  data->relabel(std::move(label));
  return Receipt(std::move(data));
}

Specification Receipt::specification() const {
  if (is_token_only()) {
    throw Error(ErrorKind::Invalid, "receipt",
                "repeats no specification: there is only its token, " + token());
  }
  auto data = std::make_shared<StatementData>(*data_);
  data->kind = Kind::Specification;
  return StatementAccess::make<Specification>(std::move(data));
}

Redemption::Redemption(std::shared_ptr<const StatementData> data) noexcept
    : Notification(std::move(data)) {}

Redemption::Redemption(const Receipt& receipt)
    : Redemption(everything_of(Kind::Redemption, receipt)) {}

Redemption::Redemption(const Specification& specification)
    : Redemption(everything_of(Kind::Redemption, specification)) {}

Redemption Redemption::of(std::string token, std::string verb) {
  return Redemption(by_token(Kind::Redemption, std::move(verb), std::move(token)));
}

Interrupt::Interrupt(std::shared_ptr<const StatementData> data) noexcept
    : Notification(std::move(data)) {}

Interrupt::Interrupt(const Specification& specification)
    : Interrupt(everything_of(Kind::Interrupt, specification)) {}

Interrupt::Interrupt(const Receipt& receipt) : Interrupt(everything_of(Kind::Interrupt, receipt)) {}

Interrupt Interrupt::of(std::string token, std::string verb) {
  return Interrupt(by_token(Kind::Interrupt, std::move(verb), std::move(token)));
}

Withdrawal::Withdrawal(std::shared_ptr<const StatementData> data) noexcept
    : Notification(std::move(data)) {}

Withdrawal::Withdrawal(const Capability& capability)
    : Withdrawal(about(Kind::Withdrawal, capability)) {}

Withdrawal Withdrawal::brief(const Capability& capability) {
  const Schema nothing(capability.registry(), {}, {});
  auto data = by_token(Kind::Withdrawal, capability.verb(), nothing, capability.token());
  data->has_label = capability.data().has_label;
  data->label = capability.label();
  return Withdrawal(std::move(data));
}

Indirection::Indirection(std::shared_ptr<const StatementData> data) noexcept
    : Notification(std::move(data)) {}

Indirection::Indirection(const Specification& specification, std::string link)
    : Indirection([&] {
        auto data = about(Kind::Indirection, specification);
        data->link = std::move(link);
        return data;
      }()) {}

}  // namespace mplane
