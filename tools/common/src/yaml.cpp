#include "mplane/tools/yaml.hpp"

#include "mplane/model/quoted.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace mplane {
namespace {

constexpr std::size_t kLargestFile = std::size_t{16} * 1024 * 1024;

// The tags that the parser gives to what has none.
constexpr std::string_view kQuoted = "!";
constexpr std::string_view kPlain = "?";

/// Appended to each text as a comment: the parser ends an open single quote at the end of the file
/// without a word, and then this is part of what was quoted.
constexpr std::string_view kEndOfFile = "#mplane-end-of-file";

std::size_t line_of(const YAML::Mark& mark) { return static_cast<std::size_t>(mark.line) + 1; }

/// Builds our own tree from the parser's events. Anchors and aliases are refused rather than
/// followed: they let a short file grow without bound.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string_view file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

  ConfigNode take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, const YAML::anchor_t anchor) override {
    add(make(ConfigNode::Kind::Null, mark, anchor));
  }

  void OnAlias(const YAML::Mark& mark, const YAML::anchor_t /*anchor*/) override {
    mistake(mark, "aliases (*name) are not supported: write the value out");
    add(make(ConfigNode::Kind::Null, mark, 0));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, const YAML::anchor_t anchor,
                const std::string& value) override {
    ConfigNode node = make(ConfigNode::Kind::Scalar, mark, anchor, tag);
    node.text = value;
    node.quoted = tag == kQuoted;
    if (value.find(kEndOfFile) != std::string::npos) mistake(mark, "this quote is never closed");
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, const YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(make(ConfigNode::Kind::List, mark, anchor, tag));
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, const YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(make(ConfigNode::Kind::Map, mark, anchor, tag));
  }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end has not come yet, and the key whose value comes next.
  struct Open {
    ConfigNode node;
    std::string key;
    std::size_t key_line = 0;
    bool has_key = false;
  };

  void mistake(const YAML::Mark& mark, std::string message) {
    mistakes_.add(file_ + ":" + std::to_string(line_of(mark)), std::move(message));
  }

  ConfigNode make(const ConfigNode::Kind kind, const YAML::Mark& mark, const YAML::anchor_t anchor,
                  const std::string& tag = {}) {
    if (anchor != 0) mistake(mark, "anchors (&name) are not supported: write the value out");
    if (!tag.empty() && tag != kQuoted && tag != kPlain) {
      mistake(mark, "tags (!name) are not supported");
    }
    ConfigNode node;
    node.kind = kind;
    node.file = file_;
    node.line = line_of(mark);
    return node;
  }

  void open(ConfigNode node) { open_.push_back({std::move(node), {}, 0, false}); }

  void close() {
    ConfigNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(ConfigNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == ConfigNode::Kind::List) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.has_key) {
      take_key(parent, node);
    } else {
      take_value(parent, std::move(node));
    }
  }

  void take_key(Open& parent, const ConfigNode& key) {
    if (key.kind != ConfigNode::Kind::Scalar) {
      mistakes_.add(key.where(), "a key has to be a text, not " + std::string(describe(key.kind)));
    }
    parent.key = key.text;
    parent.key_line = key.line;
    parent.has_key = true;
  }

  void take_value(Open& parent, ConfigNode value) {
    parent.has_key = false;
    if (const ConfigNode::Member* const first = parent.node.find(parent.key)) {
      mistakes_.add(file_ + ":" + std::to_string(parent.key_line),
                    "key " + mplane::quoted(parent.key) + " stands here again, first in line " +
                        std::to_string(first->line));
      return;
    }
    parent.node.members.push_back({parent.key, parent.key_line, std::move(value)});
  }

  const std::string file_;
  Mistakes& mistakes_;
  ConfigNode root_;
  std::vector<Open> open_;
};

}  // namespace

ConfigNode parse_yaml(const std::string& text, const std::string_view file, Mistakes& mistakes) {
  TreeBuilder builder(file, mistakes);
  try {
    std::istringstream stream(text + "\n" + std::string(kEndOfFile) + "\n");
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder second(file, mistakes);
    if (parser.HandleNextDocument(second)) {
      mistakes.add(second.take().where(),
                   "this does not belong to what stands above; only one document is read");
    }
  } catch (const YAML::Exception& error) {
    mistakes.add(std::string(file) + ":" + std::to_string(line_of(error.mark)),
                 "this is no YAML: " + error.msg);
    return {};
  }
  ConfigNode root = builder.take();
  if (root.file.empty()) {  // an empty document
    root.file = file;
    root.line = 1;
  }
  return root;
}

ConfigNode read_yaml(const std::filesystem::path& file, Mistakes& mistakes) {
  return parse_yaml(read_text(file), file.string(), mistakes);
}

std::string read_text(const std::filesystem::path& file) {
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::Configuration, file.string(), "cannot be read: " + why);
  };
  if (std::filesystem::is_directory(file)) fail("it is a directory");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail(std::strerror(errno));
  std::string text;
  std::vector<char> block(std::size_t{64} * 1024);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
         stream.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kLargestFile) fail("it has more than 16 MiB");
  }
  if (stream.bad()) fail(std::strerror(errno));
  return text;
}

std::string read_as_json(const std::filesystem::path& file) {
  if (file.extension() != ".yaml" && file.extension() != ".yml") return read_text(file);
  Mistakes mistakes;
  const ConfigNode root = read_yaml(file, mistakes);
  mistakes.raise();
  return to_json(root);
}

}  // namespace mplane
