#include "shell.hpp"

#include "line_editor.hpp"
#include "mplane/model/error.hpp"
#include "mplane/tools/run_main.hpp"
#include "shell_session.hpp"

#include <cstdlib>
#include <ostream>

namespace mplane {
namespace {

/// Where lines are remembered: mplane/history in XDG_STATE_HOME, else below the home.
std::filesystem::path history_file() {
  const char* const state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state != '\0') return std::filesystem::path(state) / "mplane/history";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return std::filesystem::path(home) / ".local/state/mplane/history";
}

}  // namespace

int run_shell(const Options& options, const Console& console) {
  LineEditor editor(history_file());
  ShellSession session(options, console, editor);
  if (editor.is_interactive()) {
    console.out << version_text() << "; 'help' tells what there is, ^D ends\n";
  }
  session.greet();
  int code = 0;
  std::string line;
  while (!session.is_done()) {
    const auto complete = [&](const std::string_view typed) { return session.complete(typed); };
    const auto read = editor.read("|mplane| ", complete, line);
    if (read == LineEditor::Read::End) return code;
    if (read == LineEditor::Read::Cancelled || line.find_first_not_of(" \t") == line.npos) continue;
    editor.remember(line);
    try {
      session.run(line);
    } catch (const Error& error) {
      session.complain(error);
      // A script is told by the exit code; who sees the words needs none.
      if (!editor.is_interactive()) code = traits(error.kind()).exit_code;
    }
  }
  return code;
}

}  // namespace mplane
