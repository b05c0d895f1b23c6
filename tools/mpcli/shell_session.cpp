#include "shell_session.hpp"

#include "connect.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/text.hpp"
#include "rows.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>
#include <utility>

namespace mplane {
namespace {

/// What the shell's client is made of: a plain http URL that is typed is meant.
ClientOptions shell_client(const Options& options, const Console& console) {
  std::vector<Url> urls;
  if (!options.urls.empty()) urls = urls_of(options);
  ClientOptions client = client_options(options, urls, console);
  client.insecure = true;
  return client;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Completes a line that is one answer: all of it is replaced.
LineEditor::Completion completion_of(const std::string_view typed,
                                     const std::vector<std::string>& candidates) {
  LineEditor::Completion completion;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(completion.candidates),
               [&](const std::string& word) { return word.starts_with(typed); });
  return completion;
}

}  // namespace

std::span<const ShellSession::Command> ShellSession::commands() noexcept {
  using S = ShellSession;
  static constexpr std::array kCommands{
      Command{"seturl", "URL", "sets whom 'getcap' asks", &S::seturl, &S::urls},
      Command{"getcap", "[URL]", "finds what is offered there", &S::getcap, &S::urls},
      Command{"listcap", "", "lists what was found, with numbers", &S::listcap, &S::nothing},
      Command{"showcap", "CAPABILITY", "shows one, by number, label or token", &S::showcap,
              &S::capability_names},
      Command{"explain", "CAPABILITY", "says what its parameters and results mean", &S::explaincap,
              &S::capability_names},
      Command{"when", "[SCOPE]", "sets when things are measured: now + 30s / 1s", &S::set_when,
              &S::scopes},
      Command{"set", "ELEMENT VALUE", "sets a default for a parameter", &S::set,
              &S::element_and_value},
      Command{"unset", "ELEMENT", "takes a default back; 'when' is one, too", &S::unset,
              &S::default_names},
      Command{"show", "[ELEMENT]", "shows defaults", &S::show, &S::default_names},
      Command{"format", "FORMAT", "sets how results are written", &S::set_format, &S::formats},
      Command{"plan", "CAPABILITY [ELEMENT=VALUE …]", "shows when it would be measured", &S::plan,
              &S::capability_and_elements},
      Command{"runcap", "CAPABILITY [ELEMENT=VALUE …]", "has it measured; asks for what is missing",
              &S::runcap, &S::capability_and_elements},
      Command{"listmeas", "", "lists what is measured and was", &S::listmeas, &S::nothing},
      Command{"showmeas", "MEASUREMENT", "shows its results so far", &S::showmeas,
              &S::measurement_names},
      Command{"watch", "MEASUREMENT", "shows its results as they come", &S::watch,
              &S::measurement_names},
      Command{"stopmeas", "MEASUREMENT", "has it stopped, and shows what there is", &S::stopmeas,
              &S::measurement_names},
      Command{"forget", "MEASUREMENT", "lists it no longer; it goes on if it does", &S::forget,
              &S::measurement_names},
      Command{"tbenable", "[on|off]", "shows the details of errors, and what is sent", &S::tbenable,
              &S::switches},
      Command{"help", "[COMMAND]", "lists the commands", &S::help, &S::command_names},
      Command{"quit", "", "ends, as ^D does", &S::quit, &S::nothing},
  };
  return kCommands;
}

const ShellSession::Command& ShellSession::command(const std::string& name) {
  NearMiss guess(name);
  for (const Command& one : commands()) {
    if (one.name == name) return one;
    guess.consider(one.name);
  }
  throw Error(ErrorKind::Configuration, "",
              mplane::quoted(name) + " is no command" + guess.hint() + "; 'help' lists them");
}

ShellSession::ShellSession(Options options, const Console& console, LineEditor& editor)
    : options_(std::move(options)),
      console_(console),
      editor_(editor),
      client_([&] {
        ClientOptions client = shell_client(options_, console);
        const auto usual = client.log;
        Options all = options_;
        all.verbosity = Verbosity::Verbose;
        client.log = [this, usual, detailed = log_to(console, all)](const LogRecord& record) {
          details_ ? detailed(record) : usual(record);
        };
        return client;
      }()),
      registry_(registry_of(options_, {})) {}

void ShellSession::greet() {
  for (const std::string& url : options_.urls) {
    try {
      getcap(url);
    } catch (const Error& error) {
      complain(error);
    }
  }
}

void ShellSession::run(const std::string& line) {
  const std::string text = trimmed(line);
  if (text.empty() || text.front() == '#') return;
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const Command& one = command(text.substr(0, end));
  (this->*one.run)(trimmed(text.substr(end)));
}

void ShellSession::complain(const Error& error) const {
  console_.err << "mpcli: " << printable(error.what()) << '\n';
  if (!details_) return;
  const auto [name, status, code, severity] = traits(error.kind());
  console_.err << "  kind: " << name << "\n  where: " << printable(error.where())
               << "\n  HTTP status: " << status << "\n  exit code: " << code << '\n';
}

void ShellSession::help(const std::string& rest) {
  TextTable table({TextTable::Align::Left, TextTable::Align::Left});
  for (const Command& one : commands()) {
    if (!rest.empty() && &one != &command(rest)) continue;
    const std::string usage = std::string(one.name) + " " + std::string(one.takes);
    table.add({usage, std::string(one.does)});
  }
  const Screen screen = screen_of_output();
  const bool fits = screen.width == 0 || table.width() <= screen.width;
  if (fits) {
    console_.out << table.to_string();
  } else {
    for (const Command& one : commands()) {
      if (!rest.empty() && &one != &command(rest)) continue;
      console_.out << one.name << " " << one.takes << "\n  " << one.does << '\n';
    }
  }
  console_.out << std::flush;
}

void ShellSession::quit(const std::string&) { done_ = true; }

std::optional<std::string> ShellSession::answer_to(const std::string& prompt,
                                                   const LineEditor::Complete& complete) {
  std::string line;
  if (editor_.read(prompt, complete, line) != LineEditor::Read::Line) return {};
  line = trimmed(line);
  if (line.empty()) return {};
  return line;
}

std::optional<std::string> ShellSession::given(const std::string& rest, const std::string& prompt,
                                               const CompleteWords words) {
  if (!rest.empty()) return rest;
  return answer_to(prompt, [&](const std::string_view typed) {
    return completion_of(typed, (this->*words)({std::string(typed)}));
  });
}

std::optional<std::string> ShellSession::ask(const std::string& prompt, const Words& candidates) {
  return answer_to(prompt,
                   [&](const std::string_view typed) { return completion_of(typed, candidates); });
}

}  // namespace mplane
