#pragma once

#include "mplane/model/time.hpp"
#include "mplane/tools/config_node.hpp"
#include "mplane/tools/mistakes.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// What reading a configuration gathers on its way.
struct ConfigContext {
  Mistakes mistakes = {};
  /// Every key that was asked for, and its default as text: "component.listen". What stands in a
  /// list has `[]` in its path: "modules[].name".
  std::map<std::string, std::string> keys = {};
};

/// Reads one map of a configuration file, key by key. A key that is missing gives its default; a
/// value that is wrong is noted as a mistake and gives its default, too, so that one reading finds
/// all mistakes. One thread at a time; node and context outlive it.
///
///     ConfigSection tls = root.section("tls");
///     options.ca = tls.path("ca");
///     tls.refuse_others();
class ConfigSection {
 public:
  /// What stands at a key of a table, and where: "file:line".
  struct Entry {
    std::vector<std::string> texts;
    std::string where;
    std::size_t place = 0;  ///< among the table's keys, in the file's order
  };
  using Table = std::map<std::string, Entry, std::less<>>;

  /// The whole file, or a piece of it that was kept; `path` names it in messages.
  ConfigSection(const ConfigNode& root, ConfigContext& context, std::string path = {});

  /// Whether it is missing or a map: something else was noted as a mistake already, and what is
  /// missing from it need not be.
  bool is_valid() const noexcept { return valid_; }
  bool has(std::string_view key) const noexcept;
  /// Where the section stands: "file:line".
  std::string where() const;
  /// Where the key stands, else where the section does.
  std::string where(std::string_view key) const;

  std::string text(std::string_view key, std::string_view otherwise = {});
  bool boolean(std::string_view key, bool otherwise);
  std::uint64_t natural(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                        std::uint64_t most);
  /// "5s", "1h30m", "250ms".
  Duration duration(std::string_view key, Duration otherwise, Duration least = Duration(0));
  /// The least for what would have no end, or be none, if it took no time at all.
  static constexpr Duration kSomeTime = std::chrono::milliseconds(1);
  /// "16MiB", "64kB", "4096".
  std::uint64_t bytes(std::string_view key, std::uint64_t otherwise);
  /// A file's name; a relative one is seen from the file that names it. Empty when missing.
  std::filesystem::path path(std::string_view key);
  /// One of several words.
  std::size_t choice(std::string_view key, std::size_t otherwise,
                     const std::vector<std::string_view>& words);
  /// One text, or a list of them.
  std::vector<std::string> texts(std::string_view key, std::vector<std::string> otherwise = {});
  /// A map from any key to a text or a list of texts.
  Table table(std::string_view key);
  /// This section itself as such a map: every key of it is known.
  Table table();
  /// What stands at a key, to be read later; when missing an empty map, in the section's place.
  ConfigNode later(std::string_view key);

  /// The map below a key; an empty one when missing.
  ConfigSection section(std::string_view key);
  /// The maps of a list. With a shorthand an item may be a text instead of a map: it is then what
  /// would stand at that key.
  std::vector<ConfigSection> sections(std::string_view key, std::string_view shorthand = {});

  /// Notes every key that was not asked for as a mistake, with the nearest that was.
  void refuse_others();
  /// Notes a mistake at a key.
  void mistake(std::string_view key, std::string message);
  /// Notes a mistake at an entry of a table.
  void mistake_at(const Entry& entry, std::string message);
  /// How many mistakes were noted so far, here and elsewhere.
  std::size_t mistakes() const noexcept { return context_->mistakes.all().size(); }
  /// Runs a step; what it throws is noted as a mistake at the key.
  void attempt(std::string_view key, const std::function<void()>& step);

 private:
  ConfigSection(const ConfigNode* node, std::string path, std::string file, std::size_t line,
                ConfigContext& context);
  const ConfigNode::Member* find(std::string_view key) const noexcept;
  /// The value of a key, noting that it is known.
  const ConfigNode* ask(std::string_view key, std::string otherwise);
  /// The text of a scalar, or nothing after noting a mistake.
  std::optional<std::string> scalar(std::string_view key, const ConfigNode& node);
  Table table_of(const std::vector<ConfigNode::Member>& members);
  std::vector<std::string> texts_of(std::string_view key, const ConfigNode& node);
  template <typename T, typename Read>
  T read(std::string_view key, T otherwise, std::string shown, Read reader);

  const ConfigNode* node_;  // null: the section is missing
  std::string path_;
  std::string file_;
  std::size_t line_;
  ConfigContext* context_;
  std::vector<std::string> asked_;
  bool valid_ = true;
  std::string shorthand_;             // the key that a lone text stands for
  const ConfigNode* text_ = nullptr;  // that text
};

}  // namespace mplane
