#include "mplane/model/schema.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "statement_data.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

namespace mplane {

struct Schema::Contents {
  Registry registry;
  std::vector<const Element*> elements;  // parameters, columns, then both again, each by name
  std::size_t parameters;
  std::size_t columns;
  std::uint64_t key;
  std::string names;  // for hashes: those of parameters, then of columns, each joined by name
  std::size_t parameter_names;  // how many bytes of those
};

namespace {

using Elements = std::span<const Element* const>;

// Spreads an element's key over all bits, so that sums of them tell sets of elements apart
// (the finalizer of SplitMix64). A parameter and a column of one name differ by `salt`.
std::uint64_t mixed(std::uint64_t key, const std::uint64_t salt) noexcept {
  key += salt;
  key = (key ^ (key >> 30U)) * 0xBF58476D1CE4E5B9U;
  key = (key ^ (key >> 27U)) * 0x94D049BB133111EBU;
  return key ^ (key >> 31U);
}

std::uint64_t sum_of_keys(const Elements elements, const std::uint64_t salt) noexcept {
  std::uint64_t sum = 0;
  for (const Element* element : elements) sum += mixed(element->key(), salt);
  return sum;
}

std::uint64_t key_of(const Registry& registry, const Elements parameters, const Elements columns) {
  constexpr std::uint64_t kParameter = 0x9E3779B97F4A7C15U;
  constexpr std::uint64_t kColumn = 0xD1B54A32D192ED03U;
  return std::hash<std::string_view>()(registry.uri()) + sum_of_keys(parameters, kParameter) +
         sum_of_keys(columns, kColumn);
}

std::optional<std::size_t> find(const Elements elements, const std::string_view name) noexcept {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i]->name() == name) return i;
  }
  return std::nullopt;
}

std::size_t find_or_throw(const Elements elements, const std::string_view name,
                          const std::string_view section, const std::string_view what) {
  if (const auto place = find(elements, name)) return *place;
  std::string known;
  for (const Element* element : elements) known += (known.empty() ? "" : ", ") + element->name();
  throw Error(ErrorKind::Mismatch, detail::pointer(section, name),
              "no such " + std::string(what) + " here; there " +
                  (known.empty() ? "is none" : "is " + known));
}

// The same elements by name, in whatever order. Within a list no name stands twice.
bool same_elements(const Elements a, const Elements b, const bool same_registry) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (same_registry && a[i] == b[i]) continue;  // the common case: the same order
    if (!find(b, a[i]->name())) return false;
  }
  return true;
}

// Appends elements in order of their names. @throws Error{Invalid} when one is there twice.
void append_sorted(std::vector<const Element*>& list, const std::size_t first,
                   const std::size_t count, const std::string_view section) {
  const auto place = [&list](const std::size_t i) {
    return list.begin() + static_cast<std::ptrdiff_t>(i);
  };
  const std::size_t sorted = list.size();
  list.resize(sorted + count);  // before the copy, which must not outgrow what it reads
  std::copy_n(place(first), count, place(sorted));
  std::sort(place(sorted), list.end(),
            [](const Element* a, const Element* b) { return a->name() < b->name(); });
  const auto twice = std::adjacent_find(place(sorted), list.end());
  if (twice == list.end()) return;
  throw Error(ErrorKind::Invalid, std::string(section),
              quoted((*twice)->name()) + " is named twice");
}

// Appends names, with single spaces between them.
void append_joined(std::string& out, const Elements elements) {
  for (const Element* element : elements) {
    if (element != elements.front()) out += ' ';
    out += element->name();
  }
}

void look_up(const Registry& registry, const std::span<const std::string> names,
             const std::string_view section, std::vector<const Element*>& elements) {
  for (const std::string& name : names) {
    try {
      elements.push_back(&registry.element(name));
    } catch (const Error& error) {
      throw Error(error.kind(), detail::pointer(section, name), error.message());
    }
  }
}

std::vector<const Element*> look_up(const Registry& registry,
                                    const std::span<const std::string> parameters,
                                    const std::span<const std::string> columns) {
  std::vector<const Element*> elements;
  elements.reserve(parameters.size() + columns.size());
  look_up(registry, parameters, "parameters", elements);
  look_up(registry, columns, "results", elements);
  return elements;
}

}  // namespace

Schema::Schema(const Registry& registry, const std::span<const std::string> parameters,
               const std::span<const std::string> columns)
    : Schema(SchemaAccess::make(registry, look_up(registry, parameters, columns),
                                parameters.size())) {}

Schema::Schema(std::shared_ptr<const Contents> contents) noexcept
    : contents_(std::move(contents)) {}

Schema SchemaAccess::make(Registry registry, std::vector<const Element*> elements,
                          const std::size_t parameters) {
  const std::size_t columns = elements.size() - parameters;
  elements.reserve(2 * elements.size());
  append_sorted(elements, 0, parameters, "parameters");
  append_sorted(elements, parameters, columns, "results");
  const Elements all(elements);
  const std::uint64_t key =
      key_of(registry, all.first(parameters), all.subspan(parameters, columns));
  constexpr std::size_t kTypicalName = 26;
  std::string names;
  names.reserve((parameters + columns) * kTypicalName);
  append_joined(names, all.subspan(parameters + columns, parameters));
  const std::size_t parameter_names = names.size();
  append_joined(names, all.last(columns));
  return Schema(std::make_shared<const Schema::Contents>(
      Schema::Contents{std::move(registry), std::move(elements), parameters, columns, key,
                       std::move(names), parameter_names}));
}

Elements SchemaAccess::parameters_by_name(const Schema& schema) noexcept {
  const Schema::Contents& contents = *schema.contents_;
  return Elements(contents.elements)
      .subspan(contents.parameters + contents.columns, contents.parameters);
}

std::string_view SchemaAccess::parameter_names(const Schema& schema) noexcept {
  return std::string_view(schema.contents_->names).substr(0, schema.contents_->parameter_names);
}

std::string_view SchemaAccess::column_names(const Schema& schema) noexcept {
  return std::string_view(schema.contents_->names).substr(schema.contents_->parameter_names);
}

const Registry& Schema::registry() const noexcept { return contents_->registry; }

Elements Schema::parameters() const noexcept {
  return Elements(contents_->elements).first(contents_->parameters);
}

Elements Schema::columns() const noexcept {
  return Elements(contents_->elements).subspan(contents_->parameters, contents_->columns);
}

std::optional<std::size_t> Schema::find_parameter(const std::string_view name) const noexcept {
  return find(parameters(), name);
}

std::optional<std::size_t> Schema::find_column(const std::string_view name) const noexcept {
  return find(columns(), name);
}

std::size_t Schema::parameter(const std::string_view name) const {
  return find_or_throw(parameters(), name, "parameters", "parameter");
}

std::size_t Schema::column(const std::string_view name) const {
  return find_or_throw(columns(), name, "results", "column");
}

std::uint64_t Schema::key() const noexcept { return contents_->key; }

bool operator==(const Schema& a, const Schema& b) noexcept {
  if (a.contents_ == b.contents_) return true;
  if (a.key() != b.key()) return false;
  const bool same_registry = a.registry().same(b.registry());
  return (same_registry || a.registry().uri() == b.registry().uri()) &&
         same_elements(a.parameters(), b.parameters(), same_registry) &&
         same_elements(a.columns(), b.columns(), same_registry);
}

}  // namespace mplane
