#include "mplane/tools/config_section.hpp"

#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/tools/quantities.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace mplane {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out;
}

std::string either_of(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) {
    out += (out.empty() ? "" : " or ") + std::string(word);
  }
  return out;
}

std::uint64_t parse_natural(const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) {
    throw Error(ErrorKind::Malformed, "", mplane::quoted(text) + " is no whole number");
  }
  return number;
}

}  // namespace

ConfigSection::ConfigSection(const ConfigNode& root, ConfigContext& context, std::string path)
    : ConfigSection(&root, std::move(path), root.file, root.line, context) {}

ConfigSection::ConfigSection(const ConfigNode* const node, std::string path, std::string file,
                             const std::size_t line, ConfigContext& context)
    : node_(node), path_(std::move(path)), file_(std::move(file)), line_(line), context_(&context) {
  using Kind = ConfigNode::Kind;
  if (node_ == nullptr || node_->kind == Kind::Map) return;
  if (node_->kind != Kind::Null) {
    valid_ = false;
    context_->mistakes.add(node_->where(), (path_.empty() ? "the file" : "'" + path_ + "'") +
                                               " has to be a map of keys, not " +
                                               std::string(describe(node_->kind)));
  }
  node_ = nullptr;
}

bool ConfigSection::has(const std::string_view key) const noexcept {
  return find(key) != nullptr || (text_ != nullptr && key == shorthand_);
}

const ConfigNode::Member* ConfigSection::find(const std::string_view key) const noexcept {
  return node_ == nullptr ? nullptr : node_->find(key);
}

std::string ConfigSection::where() const { return file_ + ":" + std::to_string(line_); }

std::string ConfigSection::where(const std::string_view key) const {
  const ConfigNode::Member* const member = find(key);
  return member == nullptr ? where() : file_ + ":" + std::to_string(member->line);
}

const ConfigNode* ConfigSection::ask(const std::string_view key, std::string otherwise) {
  const std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  context_->keys.insert_or_assign(path, std::move(otherwise));
  asked_.emplace_back(key);
  if (text_ != nullptr && key == shorthand_) return text_;
  const ConfigNode::Member* const member = find(key);
  if (member == nullptr) return nullptr;
  if (member->value.kind == ConfigNode::Kind::Null) {
    mistake(key, "'" + path + "' has no value");
    return nullptr;
  }
  return &member->value;
}

std::optional<std::string> ConfigSection::scalar(const std::string_view key,
                                                 const ConfigNode& node) {
  if (node.kind == ConfigNode::Kind::Scalar) return node.text;
  context_->mistakes.add(node.where(), "'" + std::string(key) + "' has to be a text, not " +
                                           std::string(describe(node.kind)));
  return {};
}

/// Reads the scalar at a key; what the reader throws is a mistake, noted with the key's name.
template <typename T, typename Read>
T ConfigSection::read(const std::string_view key, T otherwise, std::string shown, Read reader) {
  const ConfigNode* const node = ask(key, std::move(shown));
  if (node == nullptr) return otherwise;
  const auto text = scalar(key, *node);
  if (!text) return otherwise;
  try {
    return reader(*text);
  } catch (const Error& error) {
    mistake(key, "'" + std::string(key) + "': " + error.message());
    return otherwise;
  }
}

std::string ConfigSection::text(const std::string_view key, const std::string_view otherwise) {
  return read(key, std::string(otherwise), std::string(otherwise),
              [](const std::string& value) { return value; });
}

bool ConfigSection::boolean(const std::string_view key, const bool otherwise) {
  return read(key, otherwise, otherwise ? "true" : "false", [](const std::string& value) {
    if (value != "true" && value != "false") {
      throw Error(ErrorKind::Malformed, "", mplane::quoted(value) + " is neither true nor false");
    }
    return value == "true";
  });
}

std::uint64_t ConfigSection::natural(const std::string_view key, const std::uint64_t otherwise,
                                     const std::uint64_t least, const std::uint64_t most) {
  return read(key, otherwise, std::to_string(otherwise), [=](const std::string& value) {
    const std::uint64_t number = parse_natural(value);
    if (number < least || number > most) {
      throw Error(
          ErrorKind::Invalid, "",
          value + " is not within " + std::to_string(least) + " ... " + std::to_string(most));
    }
    return number;
  });
}

Duration ConfigSection::duration(const std::string_view key, const Duration otherwise,
                                 const Duration least) {
  return read(key, otherwise, setting_text(otherwise), [least](const std::string& value) {
    const Duration duration = parse_setting_duration(value);
    if (duration >= least) return duration;
    throw Error(ErrorKind::Invalid, "",
                value + " is too short: " + setting_text(least) + " is the least");
  });
}

std::uint64_t ConfigSection::bytes(const std::string_view key, const std::uint64_t otherwise) {
  return read(key, otherwise, bytes_text(otherwise),
              [](const std::string& value) { return parse_bytes(value); });
}

std::filesystem::path ConfigSection::path(const std::string_view key) {
  return read(key, std::filesystem::path(), "", [this](const std::string& value) {
    return (std::filesystem::path(file_).parent_path() / value).lexically_normal();
  });
}

std::size_t ConfigSection::choice(const std::string_view key, const std::size_t otherwise,
                                  const std::vector<std::string_view>& words) {
  return read(key, otherwise, std::string(words[otherwise]), [&](const std::string& value) {
    const auto found = std::find(words.begin(), words.end(), value);
    if (found == words.end()) {
      throw Error(ErrorKind::Invalid, "", mplane::quoted(value) + " is not " + either_of(words));
    }
    return static_cast<std::size_t>(found - words.begin());
  });
}

std::vector<std::string> ConfigSection::texts(const std::string_view key,
                                              std::vector<std::string> otherwise) {
  const ConfigNode* const node = ask(key, joined(otherwise));
  return node == nullptr ? std::move(otherwise) : texts_of(key, *node);
}

std::vector<std::string> ConfigSection::texts_of(const std::string_view key,
                                                 const ConfigNode& node) {
  std::vector<std::string> texts;
  const auto take = [&](const ConfigNode& item) {
    if (auto text = scalar(key, item)) texts.push_back(std::move(*text));
  };
  if (node.kind == ConfigNode::Kind::List) {
    for (const ConfigNode& item : node.items) take(item);
  } else {
    take(node);
  }
  return texts;
}

ConfigSection::Table ConfigSection::table(const std::string_view key) {
  const ConfigNode* const node = ask(key, "");
  if (node == nullptr) return {};
  if (node->kind != ConfigNode::Kind::Map) {
    mistake(key,
            "'" + std::string(key) + "' has to be a map, not " + std::string(describe(node->kind)));
    return {};
  }
  return table_of(node->members);
}

ConfigSection::Table ConfigSection::table() {
  if (node_ == nullptr) return {};
  for (const ConfigNode::Member& member : node_->members) asked_.push_back(member.key);
  return table_of(node_->members);
}

ConfigSection::Table ConfigSection::table_of(const std::vector<ConfigNode::Member>& members) {
  Table table;
  for (const ConfigNode::Member& member : members) {
    table.emplace(member.key, Entry{texts_of(member.key, member.value),
                                    file_ + ":" + std::to_string(member.line), table.size()});
  }
  return table;
}

ConfigNode ConfigSection::later(const std::string_view key) {
  if (const ConfigNode* const node = ask(key, "")) return *node;
  ConfigNode empty;
  empty.kind = ConfigNode::Kind::Map;
  empty.file = file_;
  empty.line = line_;
  return empty;
}

ConfigSection ConfigSection::section(const std::string_view key) {
  asked_.emplace_back(key);
  const ConfigNode::Member* const member = find(key);
  const std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  return {member == nullptr ? nullptr : &member->value, path, file_,
          member == nullptr ? line_ : member->line, *context_};
}

std::vector<ConfigSection> ConfigSection::sections(const std::string_view key,
                                                   const std::string_view shorthand) {
  asked_.emplace_back(key);
  std::vector<ConfigSection> sections;
  const ConfigNode::Member* const member = find(key);
  if (member == nullptr) return sections;
  if (member->value.kind != ConfigNode::Kind::List) {
    mistake(key, "'" + std::string(key) + "' has to be a list, not " +
                     std::string(describe(member->value.kind)));
    return sections;
  }
  const std::string path = (path_.empty() ? "" : path_ + ".") + std::string(key) + "[]";
  for (const ConfigNode& item : member->value.items) {
    const bool is_short = !shorthand.empty() && item.kind == ConfigNode::Kind::Scalar;
    sections.push_back(
        ConfigSection(is_short ? nullptr : &item, path, file_, item.line, *context_));
    if (!is_short) continue;
    sections.back().shorthand_ = shorthand;
    sections.back().text_ = &item;
  }
  return sections;
}

void ConfigSection::refuse_others() {
  if (node_ == nullptr) return;
  for (const ConfigNode::Member& member : node_->members) {
    if (std::find(asked_.begin(), asked_.end(), member.key) != asked_.end()) continue;
    NearMiss guess(member.key);
    for (const std::string& known : asked_) guess.consider(known);
    std::string message = "unknown key " + mplane::quoted(member.key);
    if (!path_.empty()) message += " in '" + path_ + "'";
    message += guess.hint();
    mistake(member.key, std::move(message));
  }
}

void ConfigSection::mistake(const std::string_view key, std::string message) {
  context_->mistakes.add(where(key), std::move(message));
}

void ConfigSection::mistake_at(const Entry& entry, std::string message) {
  context_->mistakes.add(entry.where, std::move(message));
}

void ConfigSection::attempt(const std::string_view key, const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    mistake(key, error.what());
  }
}

}  // namespace mplane
