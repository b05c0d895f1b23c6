#include "mplane/component/detail/export_claims.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>

namespace mplane::detail {
namespace {

Error other_export(const char* const accepted) {
  return {ErrorKind::Refused, "export",
          std::string("this specification has been accepted ") + accepted +
              "; with a token of its own it is another one"};
}

}  // namespace

void ExportClaims::begin(const Owner& owner, const Specification& specification) {
  const Job job(owner, specification.token());
  const std::string url = specification.export_url().value_or("");
  const Lock lock(mutex_);
  // One with a relative scope that comes after the end is a new one (protocol, section 6).
  const bool is_known = is_there(job, !specification.is_relative());
  const auto found = claims_.find(job);
  if (found == claims_.end() && is_known) throw other_export("without an export");
  if (found == claims_.end()) {
    forget_old();
    claims_.emplace(job, Claim{url, 1});
    return;
  }
  Claim& claim = found->second;
  if (claim.url != url) {
    if (is_known || claim.under_way > 0) throw other_export("with another export");
    claim.url = url;
  }
  ++claim.under_way;
}

void ExportClaims::end(const Owner& owner, const Specification& specification) {
  const Lock lock(mutex_);
  --claims_.at({owner, specification.token()}).under_way;
}

void ExportClaims::restore(const Owner& owner, const Specification& specification) {
  if (!specification.export_url()) return;
  const Lock lock(mutex_);
  claims_[{owner, specification.token()}].url = *specification.export_url();
}

/// @param even_over also when it has ended.
bool ExportClaims::is_there(const Job& job, const bool even_over) const {
  try {
    return !scheduler_.is_over(job.first, job.second) || even_over;
  } catch (const Error&) {
    return false;  // the scheduler does not know it
  }
}

void ExportClaims::forget_old() {
  if (claims_.size() < many_) return;
  std::erase_if(claims_, [this](const auto& one) {
    return one.second.under_way == 0 && !is_there(one.first, true);
  });
  many_ = std::max(many_, 2 * claims_.size());
}

}  // namespace mplane::detail
