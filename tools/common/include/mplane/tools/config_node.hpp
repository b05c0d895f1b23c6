#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A piece of a configuration file that remembers where it stands. A value.
struct ConfigNode {
  enum class Kind : std::uint8_t { Null, Scalar, List, Map };
  struct Member;

  Kind kind = Kind::Null;
  std::string text = {};  ///< of a scalar
  bool quoted = false;    ///< the scalar stood in quotes: it is text, whatever it looks like
  std::string file = {};  ///< where it stands, as it was named
  std::size_t line = 0;   ///< counted from 1
  std::vector<ConfigNode> items = {};  ///< of a list
  std::vector<Member> members;         ///< of a map, in the file's order, each key once

  /// "file:line".
  std::string where() const;
  /// The member of a map with that key, or null.
  const Member* find(std::string_view key) const noexcept;
};

struct ConfigNode::Member {
  std::string key;
  std::size_t line = 0;
  ConfigNode value;
};

/// What kind of node it is, in words: "a list".
std::string_view describe(ConfigNode::Kind kind) noexcept;

/// The node as JSON: scalars that are JSON numbers, true, false or null and not quoted stay what
/// they are, all others become strings.
std::string to_json(const ConfigNode& node);

}  // namespace mplane
