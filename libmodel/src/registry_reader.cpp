// Reads a registry from JSON (protocol, section 2):
//
//     {"registry-format": "mplane-0", "registry-uri": URI, "registry-revision": n,
//      "includes": [URI, …], "elements": ["COMMENT: …", {"name": …, "prim": …, "desc": …}, …]}
//
// Includes come first, depth first, each text read once however often it is included. A definition
// replaces an earlier one of the same name. Keys that are not listed here are ignored.

#include "core_registry.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/registry.hpp"
#include "registry_contents.hpp"
#include "registry_text.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

namespace mplane {
namespace {

using detail::RawValue;
using detail::RegistryText;

constexpr std::size_t kDeepest = 64;  // includes within includes

[[noreturn]] void refuse(const ErrorKind kind, const std::string_view where, std::string message) {
  throw Error(kind, std::string(where), std::move(message));
}

std::string inside(const std::string& where, const std::string_view name) {
  return where.empty() ? std::string(name) : where + "/" + std::string(name);
}

void expect(const RawValue& value, const std::string_view name, const std::string& where) {
  if (value.kind != RawValue::Kind::Absent) return;
  refuse(ErrorKind::Malformed, where, quoted(name) + " is missing");
}

std::string_view text_of(const RawValue& value, const std::string_view name,
                         const std::string& where) {
  expect(value, name, where);
  if (value.kind == RawValue::Kind::String) return value.text();
  refuse(ErrorKind::Malformed, inside(where, name), "should be a text");
}

void check_array(const RawValue& value, const std::string_view name) {
  expect(value, name, {});
  if (value.kind != RawValue::Kind::Array) refuse(ErrorKind::Malformed, name, "should be an array");
}

void check_format(const RawValue& value) {
  constexpr std::string_view kFormat = "mplane-0";
  const std::string_view format = text_of(value, "registry-format", {});
  if (format == kFormat) return;
  refuse(ErrorKind::Invalid, "registry-format",
         quoted(format) + " is not a format we read; that is " + quoted(kFormat));
}

std::string read_uri(const RawValue& value) {
  const std::string_view uri = text_of(value, "registry-uri", {});
  if (uri.empty()) refuse(ErrorKind::Invalid, "registry-uri", "the URI is empty");
  return std::string(uri);
}

std::uint64_t read_revision(const RawValue& value) {
  expect(value, "registry-revision", {});
  const std::string_view digits = value.text();
  std::uint64_t revision = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), revision);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
  if (value.kind == RawValue::Kind::Number && is_whole) return revision;
  refuse(ErrorKind::Malformed, "registry-revision", "should be a whole number, 0 or more");
}

// A name becomes part of what is hashed, joined by blanks, and follows the # of a qualified name.
std::string read_name(const RawValue& value, const std::string& where) {
  const std::string_view name = text_of(value, "name", where);
  const bool fits = std::all_of(name.begin(), name.end(), [](const char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7F' && c != '#';
  });
  if (!name.empty() && fits) return std::string(name);
  refuse(ErrorKind::Invalid, inside(where, "name"),
         quoted(name) + " is no name: names have no blanks, no # and at least one character");
}

Primitive read_primitive(const RawValue& value, const std::string& where) {
  const std::string_view name = text_of(value, "prim", where);
  if (const auto primitive = find_primitive(name)) return *primitive;
  constexpr std::string_view kNames = "string, natural, real, boolean, time, address and url";
  refuse(ErrorKind::Invalid, inside(where, "prim"),
         quoted(name) + " is no primitive; those are " + std::string(kNames));
}

std::string read_description(const RawValue& value, const std::string& where) {
  const bool is_missing =
      value.kind == RawValue::Kind::Absent || value.kind == RawValue::Kind::Null;
  return is_missing ? std::string() : std::string(text_of(value, "desc", where));
}

bool is_comment(const RawValue& entry) noexcept {
  return entry.kind == RawValue::Kind::String && entry.text().starts_with("COMMENT:");
}

}  // namespace

/// One reading of a registry with all that it includes. One thread at a time.
class RegistryReader {
 public:
  explicit RegistryReader(const Registry::Loader& loader) noexcept : loader_(loader) {}

  Registry read(const std::string_view json) {
    detail::JsonScanner scanner(json, detail::kDeepestRegistry);
    const RegistryText text = detail::scan_registry(scanner);
    check_format(text.format);
    auto contents = std::make_shared<Registry::Contents>();
    contents->uri = read_uri(text.uri);
    contents->revision = read_revision(text.revision);
    enter(contents->uri);
    const Others others = read_includes(text, *contents);
    path_.pop_back();
    read_elements(text, *contents);
    return Registry(std::move(contents), others);
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

  Others read_includes(const RegistryText& text, Registry::Contents& contents) {
    auto others = std::make_shared<std::vector<Registry>>();
    if (text.includes.kind == RawValue::Kind::Absent) return others;
    check_array(text.includes, "includes");
    std::size_t index = 0;
    for (const RawValue& uri : text.include_uris) {
      const std::string where = std::to_string(index++);
      const Registry included =
          read_include(std::string(text_of(uri, where, "includes")), "includes/" + where);
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

  static void read_elements(const RegistryText& text, Registry::Contents& contents) {
    check_array(text.elements, "elements");
    std::size_t index = 0;
    for (const auto& [entry, name, primitive, description] : text.entries) {
      const std::string where = "elements/" + std::to_string(index++);
      if (is_comment(entry)) continue;
      if (entry.kind != RawValue::Kind::Object) {
        refuse(ErrorKind::Malformed, where, "should be an element or a text \"COMMENT: …\"");
      }
      contents.define(Element(read_name(name, where), read_primitive(primitive, where),
                              read_description(description, where), contents.uri));
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
