#include "couriers.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {

Courier& Couriers::add(Courier::Options options) {
  const Lock lock(mutex_);
  auto& courier = couriers_[options.queue];
  if (courier == nullptr) {
    courier = std::make_unique<Courier>(std::move(options), spool_, clock_, log_);
    if (started_) courier->start();
  }
  return *courier;
}

Courier* Couriers::find(const std::string_view queue) const {
  const Lock lock(mutex_);
  const auto found = couriers_.find(queue);
  return found == couriers_.end() ? nullptr : found->second.get();
}

std::vector<Courier*> Couriers::all() const {
  const Lock lock(mutex_);
  std::vector<Courier*> all;
  for (const auto& [queue, courier] : couriers_) all.push_back(courier.get());
  return all;
}

void Couriers::start() {
  {
    const Lock lock(mutex_);
    started_ = true;
  }
  for (Courier* const courier : all()) courier->start();
}

void Couriers::use(const TlsContext& tls) {
  for (Courier* const courier : all()) courier->use(tls);
}

void Couriers::stop(const std::chrono::milliseconds at_most) {
  using Clock = std::chrono::steady_clock;
  {
    const Lock lock(mutex_);
    if (!std::exchange(started_, false)) return;
  }
  const auto end = Clock::now() + at_most;
  for (Courier* const courier : all()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    courier->wait_until_settled(std::max(left, std::chrono::milliseconds(0)));
  }
  for (Courier* const courier : all()) courier->cancel();
  for (Courier* const courier : all()) courier->stop();
}

}  // namespace mplane::detail
