#include "mplane/tools/config_node.hpp"

#include "json_text.hpp"

#include <algorithm>
#include <regex>

namespace mplane {
namespace {

bool is_json_literal(const std::string_view text) {
  if (text == "true" || text == "false" || text == "null") return true;
  const std::regex number("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
  return std::regex_match(text.begin(), text.end(), number);
}

void append(std::string& out, const ConfigNode& node);

void append_list(std::string& out, const ConfigNode& node) {
  out += '[';
  for (const ConfigNode& item : node.items) {
    if (&item != node.items.data()) out += ',';
    append(out, item);
  }
  out += ']';
}

void append_map(std::string& out, const ConfigNode& node) {
  out += '{';
  for (const ConfigNode::Member& member : node.members) {
    if (&member != node.members.data()) out += ',';
    detail::append_json_string(out, member.key);
    out += ':';
    append(out, member.value);
  }
  out += '}';
}

void append(std::string& out, const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::Null:
      out += "null";
      return;
    case ConfigNode::Kind::List:
      return append_list(out, node);
    case ConfigNode::Kind::Map:
      return append_map(out, node);
    case ConfigNode::Kind::Scalar:
      break;
  }
  if (!node.quoted && is_json_literal(node.text)) {
    out += node.text;
  } else {
    detail::append_json_string(out, node.text);
  }
}

}  // namespace

std::string ConfigNode::where() const { return file + ":" + std::to_string(line); }

const ConfigNode::Member* ConfigNode::find(const std::string_view key) const noexcept {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

std::string_view describe(const ConfigNode::Kind kind) noexcept {
  switch (kind) {
    case ConfigNode::Kind::Null:
      return "nothing";
    case ConfigNode::Kind::Scalar:
      return "a text";
    case ConfigNode::Kind::List:
      return "a list";
    case ConfigNode::Kind::Map:
      break;
  }
  return "a map";
}

std::string to_json(const ConfigNode& node) {
  std::string out;
  append(out, node);
  return out;
}

}  // namespace mplane
