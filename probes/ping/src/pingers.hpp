#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/engine.hpp"
#include "pinger.hpp"

#include <map>
#include <memory>

namespace mplane::detail {

/// The pingers of a module, by source. They outlive the runs, so that a run finds its socket open.
/// Lives on the engine's loop.
class Pingers {
 public:
  explicit Pingers(Engine& engine) : engine_(engine) {}
  Pingers(const Pingers&) = delete;
  Pingers& operator=(const Pingers&) = delete;
  ~Pingers() = default;

  /// The one that sends from there, opened if there is none. @throws Error as Pinger does.
  std::shared_ptr<Pinger> from(const Address& source);
  /// Lets it go unless somebody uses it: the next one says what is wrong with the source.
  void drop_idle(const Address& source);

 private:
  Engine& engine_;
  std::map<Address, std::shared_ptr<Pinger>> pingers_;
};

}  // namespace mplane::detail
