#include "mplane/model/specification.hpp"

#include "statement_data.hpp"

#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::StatementData;

template <typename Change>
Specification changed(const Specification& specification, const Change& change) {
  auto data = std::make_shared<StatementData>(specification.data());
  change(*data);
  return StatementAccess::make<Specification>(std::move(data));
}

}  // namespace

Specification::Specification(std::shared_ptr<const StatementData> data) noexcept
    : Statement(std::move(data)) {}

Specification Specification::run_at(const Instant start) const {
  const std::string run = token() + "-" + std::to_string(start.time_since_epoch().count());
  return changed(*this, [&](StatementData& data) {
    data.when = when().run_at(start);
    data.token = run;
  });
}

Specification Specification::with_token(std::string token) const {
  return changed(*this, [&](StatementData& data) { data.token = std::move(token); });
}

Specification Specification::with_label(std::string label) const {
  return changed(*this, [&](StatementData& data) { data.relabel(std::move(label)); });
}

Specification Specification::with_link(std::optional<std::string> link) const {
  return changed(*this, [&](StatementData& data) { data.link = std::move(link); });
}

Specification Specification::with_when(const When& when) const {
  return changed(*this, [&](StatementData& data) { data.when = when; });
}

Specification Specification::with_metadata(std::string element, Value value) const {
  return changed(*this, [&](StatementData& data) { detail::set_metadata(data, element, value); });
}

}  // namespace mplane
