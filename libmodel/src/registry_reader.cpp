// Reads a registry from JSON (protocol, section 2):
//
//     {"registry-format": "mplane-0", "registry-uri": URI, "registry-revision": n,
//      "includes": [URI, …], "elements": ["COMMENT: …", {"name": …, "prim": …, "desc": …}, …]}
//
// Includes come first, depth first, each text read once however often it is included. A definition
// replaces an earlier one of the same name. Keys that are not listed here are ignored.

#include "core_registry.hpp"
#include "json_document.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/registry.hpp"
#include "registry_contents.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace mplane {
namespace {

using Json = rapidjson::Value;

constexpr std::size_t kDeepest = 64;  // includes within includes

[[noreturn]] void refuse(const ErrorKind kind, const std::string_view where, std::string message) {
  throw Error(kind, std::string(where), std::move(message));
}

const Json& member(const Json& object, const std::string_view name, const std::string& where) {
  if (const Json* found = detail::find_member(object, name)) return *found;
  refuse(ErrorKind::Malformed, where, quoted(name) + " is missing");
}

std::string inside(const std::string& where, const std::string_view name) {
  return where.empty() ? std::string(name) : where + "/" + std::string(name);
}

std::string_view text_member(const Json& object, const std::string_view name,
                             const std::string& where) {
  const Json& found = member(object, name, where);
  if (found.IsString()) return detail::text_of(found);
  refuse(ErrorKind::Malformed, inside(where, name), "should be a text");
}

void check_format(const Json& json) {
  constexpr std::string_view kFormat = "mplane-0";
  const std::string_view format = text_member(json, "registry-format", {});
  if (format == kFormat) return;
  refuse(ErrorKind::Invalid, "registry-format",
         quoted(format) + " is not a format we read; that is " + quoted(kFormat));
}

std::string read_uri(const Json& json) {
  const std::string_view uri = text_member(json, "registry-uri", {});
  if (uri.empty()) refuse(ErrorKind::Invalid, "registry-uri", "the URI is empty");
  return std::string(uri);
}

std::uint64_t read_revision(const Json& json) {
  const Json& revision = member(json, "registry-revision", {});
  if (revision.IsUint64()) return revision.GetUint64();
  refuse(ErrorKind::Malformed, "registry-revision", "should be a whole number, 0 or more");
}

// A name becomes part of what is hashed, joined by blanks, and follows the # of a qualified name.
std::string read_name(const Json& json, const std::string& where) {
  const std::string_view name = text_member(json, "name", where);
  const bool fits = std::all_of(name.begin(), name.end(), [](const char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7F' && c != '#';
  });
  if (!name.empty() && fits) return std::string(name);
  refuse(ErrorKind::Invalid, inside(where, "name"),
         quoted(name) + " is no name: names have no blanks, no # and at least one character");
}

Primitive read_primitive(const Json& json, const std::string& where) {
  const std::string_view name = text_member(json, "prim", where);
  if (const auto primitive = find_primitive(name)) return *primitive;
  constexpr std::string_view kNames = "string, natural, real, boolean, time, address and url";
  refuse(ErrorKind::Invalid, inside(where, "prim"),
         quoted(name) + " is no primitive; those are " + std::string(kNames));
}

std::string read_description(const Json& json, const std::string& where) {
  const Json* description = detail::find_member(json, "desc");
  if (description == nullptr || description->IsNull()) return {};
  if (description->IsString()) return std::string(detail::text_of(*description));
  refuse(ErrorKind::Malformed, inside(where, "desc"), "should be a text");
}

bool is_comment(const Json& entry) noexcept {
  return entry.IsString() && detail::text_of(entry).starts_with("COMMENT:");
}

const Json& array_member(const Json& json, const std::string_view name) {
  const Json& found = member(json, name, {});
  if (!found.IsArray()) refuse(ErrorKind::Malformed, name, "should be an array");
  return found;
}

}  // namespace

/// One reading of a registry with all that it includes. One thread at a time.
class RegistryReader {
 public:
  explicit RegistryReader(const Registry::Loader& loader) noexcept : loader_(loader) {}

  Registry read(const std::string_view text) {
    const rapidjson::Document json = detail::parse_json(text);
    if (!json.IsObject()) refuse(ErrorKind::Malformed, {}, "a registry is a JSON object");
    check_format(json);
    auto contents = std::make_shared<Registry::Contents>();
    contents->uri = read_uri(json);
    contents->revision = read_revision(json);
    Registry registry(nullptr, std::make_shared<const std::vector<Registry>>());
    enter(contents->uri);
    registry.others_ = read_includes(json, *contents);
    path_.pop_back();
    read_elements(json, *contents);
    registry.contents_ = std::move(contents);
    return registry;
  }

 private:
  using Others = std::shared_ptr<const std::vector<Registry>>;

  // One more step into includes. The URI that asks and the URI that is found inside may differ.
  void enter(const std::string& uri) {
    const auto found = std::find(path_.begin(), path_.end(), uri);
    if (found == path_.end()) {
      path_.push_back(uri);
      return;
    }
    std::string loop;
    for (auto at = found; at != path_.end(); ++at) loop += *at + " includes ";
    refuse(ErrorKind::Invalid, "includes", "the includes form a loop: " + loop + uri);
  }

  Others read_includes(const Json& json, Registry::Contents& contents) {
    auto others = std::make_shared<std::vector<Registry>>();
    if (detail::find_member(json, "includes") == nullptr) return others;
    std::size_t index = 0;
    for (const Json& include : array_member(json, "includes").GetArray()) {
      const std::string where = "includes/" + std::to_string(index++);
      if (!include.IsString()) refuse(ErrorKind::Malformed, where, "should be a text");
      const Registry included = read_include(std::string(detail::text_of(include)), where);
      for (const Element& element : included.elements()) contents.define(element);
      remember(*others, included);
    }
    return others;
  }

  Registry read_include(const std::string& uri, const std::string& where) {
    for (const auto& [read_uri, registry] : read_) {
      if (read_uri == uri) return registry;
    }
    if (path_.size() >= kDeepest) refuse(ErrorKind::Invalid, where, "includes are too deep");
    try {
      Registry registry = read_include_text(uri);
      read_.emplace_back(uri, registry);
      return registry;
    } catch (const Error& error) {
      throw error.within(where);
    }
  }

  Registry read_include_text(const std::string& uri) {
    if (uri == kCoreRegistryUri) return read(detail::core_registry_json());
    if (!loader_) {
      refuse(ErrorKind::Invalid, {}, quoted(uri) + " would have to be loaded; here nothing is");
    }
    check_path(uri);
    return read(loader_(uri));
  }

  // Asks for no text that is being read already: it would only be found out inside.
  void check_path(const std::string& uri) {
    enter(uri);
    path_.pop_back();
  }

  // Messages may name what is included too, the nearest first.
  static void remember(std::vector<Registry>& others, const Registry& included) {
    const auto add = [&others](const Registry& registry) {
      const auto same_uri = [&registry](const Registry& o) { return o.uri() == registry.uri(); };
      if (std::none_of(others.begin(), others.end(), same_uri)) others.push_back(registry);
    };
    add(included);
    for (const Registry& inner : *included.others_) add(inner);
  }

  static void read_elements(const Json& json, Registry::Contents& contents) {
    std::size_t index = 0;
    for (const Json& entry : array_member(json, "elements").GetArray()) {
      const std::string where = "elements/" + std::to_string(index++);
      if (is_comment(entry)) continue;
      if (!entry.IsObject()) {
        refuse(ErrorKind::Malformed, where, "should be an element or a text \"COMMENT: …\"");
      }
      contents.define(Element(read_name(entry, where), read_primitive(entry, where),
                              read_description(entry, where), contents.uri));
    }
  }

  const Registry::Loader& loader_;
  std::vector<std::string> path_;
  std::vector<std::pair<std::string, Registry>> read_;
};

Registry Registry::decode(const std::string_view json, const Loader& loader) {
  return RegistryReader(loader).read(json);
}

}  // namespace mplane
