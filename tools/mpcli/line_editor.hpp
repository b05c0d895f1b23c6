#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// Reads lines from standard input: on a terminal with editing, history and completion (libedit's;
/// ~/.editrc is its configuration), else as they come and without a prompt. One thread at a time.
/// On a terminal it takes SIGINT, SIGTERM, SIGHUP and SIGTSTP as long as it lives, and whatever
/// they end, the terminal's mode is given back.
class LineEditor {
 public:
  /// What a word may become: the candidates take the place of what stands behind `begin`.
  struct Completion {
    std::size_t begin = 0;
    std::vector<std::string> candidates = {};
  };
  /// Completes the line up to the cursor.
  using Complete = std::function<Completion(std::string_view line)>;

  enum class Read : std::uint8_t {
    Line,       ///< one was read
    Cancelled,  ///< by ^C
    End,        ///< by ^D, or the input is over, or by SIGTERM or SIGHUP: from then on all of them
  };

  /// @param history the file that lines are remembered in; empty is none.
  explicit LineEditor(const std::filesystem::path& history);
  /// Writes the history.
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  bool is_interactive() const noexcept;
  /// Reads a line, without its line break.
  Read read(const std::string& prompt, const Complete& complete, std::string& line);
  /// Keeps a line in the history.
  void remember(const std::string& line);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;  // null where there is no terminal
};

/// The longest text that all of them begin with.
std::string common_prefix(const std::vector<std::string>& texts);

/// Words side by side, as many a line as fit the width.
std::string in_columns(const std::vector<std::string>& words, std::size_t width);

}  // namespace mplane
