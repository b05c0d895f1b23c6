#include "mplane/model/registry.hpp"

#include "core_registry.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "name_key.hpp"
#include "registry_contents.hpp"

#include <algorithm>
#include <utility>

namespace mplane {

std::size_t Registry::Contents::slot_of(const std::string_view name,
                                        const std::uint64_t key) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = key & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Element& element = elements[slots_[slot] - 1];
    if (element.key() == key && element.name() == name) break;
  }
  return slot;
}

void Registry::Contents::grow() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), 0);
  std::uint32_t number = 0;
  for (const Element& element : elements) slots_[slot_of(element.name(), element.key())] = ++number;
}

void Registry::Contents::define(Element element) {
  if (elements.size() >= slots_.size() / 2) grow();
  std::uint32_t& number = slots_[slot_of(element.name(), element.key())];
  if (number != 0) {
    elements[number - 1] = std::move(element);
  } else {
    elements.push_back(std::move(element));
    number = static_cast<std::uint32_t>(elements.size());
  }
}

const Element* Registry::Contents::find(const std::string_view name) const noexcept {
  if (slots_.empty()) return nullptr;
  const std::uint32_t number = slots_[slot_of(name, detail::name_key(name))];
  return number == 0 ? nullptr : &elements[number - 1];
}

Registry::Registry(std::shared_ptr<const Contents> contents,
                   std::shared_ptr<const std::vector<Registry>> others) noexcept
    : contents_(std::move(contents)), others_(std::move(others)) {}

Registry Registry::core() { return decode(detail::core_registry_json()); }

const std::string& Registry::uri() const noexcept { return contents_->uri; }

std::uint64_t Registry::revision() const noexcept { return contents_->revision; }

std::span<const Element> Registry::elements() const noexcept { return contents_->elements; }

const Element* Registry::find(const std::string_view name) const noexcept {
  return contents_->find(name);
}

const Element& Registry::element(const std::string_view name) const {
  if (const Element* found = find(name)) return *found;
  NearMiss guess(name);
  for (const Element& candidate : elements()) guess.consider(candidate.name());
  throw Error(ErrorKind::Invalid, {}, quoted(name) + " is no element of " + uri() + guess.hint());
}

const Registry* Registry::known(std::string_view uri) const noexcept {
  if (uri.empty()) uri = kCoreRegistryUri;
  if (uri == contents_->uri) return this;
  for (const Registry& other : *others_) {
    if (other.uri() == uri) return &other;
  }
  return nullptr;
}

std::span<const Registry> Registry::others() const noexcept { return *others_; }

Registry Registry::also(const Registry& other) const {
  std::vector<Registry> others = *others_;
  const auto add = [this, &others](const Registry& registry) {
    const auto has_its_uri = [&registry](const Registry& o) { return o.uri() == registry.uri(); };
    if (has_its_uri(*this) || std::any_of(others.begin(), others.end(), has_its_uri)) return;
    others.push_back(registry);
  };
  add(other);
  for (const Registry& included : *other.others_) add(included);
  return Registry(contents_, std::make_shared<const std::vector<Registry>>(std::move(others)));
}

}  // namespace mplane
