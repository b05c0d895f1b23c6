#include "round_memory.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <utility>

namespace mplane::detail {
namespace {

/// The token that a client knows: that of a run is its specification's with the start behind it
/// (Specification::run_at).
std::string token_of(const Specification& asked) {
  std::string token = asked.token();
  const When& when = asked.when();
  if (!when.start().is_definite()) return token;
  const std::string run = "-" + std::to_string(when.start().instant().time_since_epoch().count());
  if (token.size() > run.size() && token.ends_with(run)) token.resize(token.size() - run.size());
  return token;
}

}  // namespace

void RoundMemory::put(const Owner& client, const std::string& composition,
                      const Specification& asked, Members members) {
  const Key key{client, composition, token_of(asked)};
  const std::size_t count = members.size();
  const Lock lock(mutex_);
  Members& known = rounds_[key];
  if (known.empty()) order_.push_back(key);
  members_ = members_ - known.size() + count;
  known = std::move(members);
  while (order_.size() > kMost || (members_ > kMostMembers && order_.size() > 1)) drop_oldest();
}

void RoundMemory::drop_oldest() {
  const auto oldest = rounds_.find(order_.front());
  members_ -= oldest->second.size();
  rounds_.erase(oldest);
  order_.pop_front();
}

Members RoundMemory::find(const Owner& client, const std::string& composition,
                          const std::string& token) const {
  {
    const Lock lock(mutex_);
    const auto known = rounds_.find({client, composition, token});
    if (known != rounds_.end()) return known->second;
  }
  throw Error(ErrorKind::Invalid, "metadata/composition.same-as",
              "you have asked " + mplane::quoted(composition) + " for nothing with the token " +
                  mplane::quoted(token) + ", or too long ago for it to be remembered");
}

}  // namespace mplane::detail
