#include "registry_text.hpp"

#include "mplane/model/error.hpp"

#include <string_view>

namespace mplane::detail {
namespace {

ElementText scan_element(JsonScanner& scanner) {
  ElementText element;
  element.entry = scanner.value();
  if (element.entry.kind != RawValue::Kind::Object) {
    scanner.skip(element.entry);
    return element;
  }
  std::string_view key;
  while (scanner.next_member(key)) {
    const RawValue value = scanner.value();
    if (key == "name") element.name = value;
    if (key == "prim") element.primitive = value;
    if (key == "desc") element.description = value;
    scanner.skip(value);
  }
  return element;
}

// Goes through an array with a function that reads an item; anything else is skipped.
template <typename Items, typename ScanItem>
RawValue scan_array(JsonScanner& scanner, Items& items, const ScanItem& scan_item) {
  items.clear();
  const RawValue value = scanner.value();
  if (value.kind == RawValue::Kind::Array) {
    while (scanner.next_element()) items.push_back(scan_item(scanner));
  } else {
    scanner.skip(value);
  }
  return value;
}

RawValue scan_skipped(JsonScanner& scanner) {
  const RawValue value = scanner.value();
  scanner.skip(value);
  return value;
}

}  // namespace

RegistryText scan_registry(JsonScanner& scanner) {
  RegistryText text;
  const RawValue root = scanner.value();
  std::string_view key;
  if (root.kind != RawValue::Kind::Object) {
    throw Error(ErrorKind::Malformed, {}, "a registry is a JSON object");
  }
  while (scanner.next_member(key)) {
    if (key == "includes") {
      text.includes = scan_array(scanner, text.include_uris, scan_skipped);
    } else if (key == "elements") {
      text.elements = scan_array(scanner, text.entries, scan_element);
    } else {
      const RawValue value = scan_skipped(scanner);
      if (key == "registry-format") text.format = value;
      if (key == "registry-uri") text.uri = value;
      if (key == "registry-revision") text.revision = value;
    }
  }
  scanner.expect_end();
  return text;
}

}  // namespace mplane::detail
