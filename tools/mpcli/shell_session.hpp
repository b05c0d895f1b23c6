#pragma once

#include "console.hpp"
#include "line_editor.hpp"
#include "mplane/client.hpp"
#include "options.hpp"
#include "specify.hpp"
#include "watch.hpp"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// What the shell knows, and what its commands do: whom to ask, what was found there, the defaults
/// of parameters and scope, the measurements. One thread at a time.
class ShellSession {
 public:
  /// @throws Error{Configuration} for options that are wrong.
  ShellSession(Options options, const Console& console, LineEditor& editor);

  /// Finds what the components of the options offer.
  void greet();
  /// Does what a line says. @throws Error.
  void run(const std::string& line);
  /// Whether it is left: by a line, or by SIGTERM while one was done.
  bool is_done() const noexcept { return done_; }
  LineEditor::Completion complete(std::string_view line) const;
  /// Says what went wrong.
  void complain(const Error& error) const;

 private:
  using Words = std::vector<std::string>;
  /// What a word may become, that has these before it and is the last one as far as it is typed.
  using CompleteWords = Words (ShellSession::*)(const Words& before) const;

  /// A command: its name, what it takes, what it does in a sentence, and how to complete its words.
  struct Command {
    std::string_view name;
    std::string_view takes;
    std::string_view does;
    void (ShellSession::*run)(const std::string& rest);
    CompleteWords complete;
  };
  static std::span<const Command> commands() noexcept;
  static const Command& command(const std::string& name);

  /// Something measured or to be measured, under its label.
  struct Known {
    std::string label;
    std::string component;
    Pending pending;
  };

  // Commands: finding (shell_find.cpp), defaults (shell_defaults.cpp), measuring
  // (shell_measure.cpp).
  void seturl(const std::string& rest);
  void getcap(const std::string& rest);
  void listcap(const std::string& rest);
  void showcap(const std::string& rest);
  void explaincap(const std::string& rest);
  void set_when(const std::string& rest);
  void set(const std::string& rest);
  void unset(const std::string& rest);
  void show(const std::string& rest);
  void set_format(const std::string& rest);
  void tbenable(const std::string& rest);
  void runcap(const std::string& rest);
  void plan(const std::string& rest);
  void listmeas(const std::string& rest);
  void showmeas(const std::string& rest);
  void watch(const std::string& rest);
  void stopmeas(const std::string& rest);
  void forget(const std::string& rest);
  void help(const std::string& rest);
  void quit(const std::string& rest);

  // How their words are completed (shell_completion.cpp).
  Words nothing(const Words& before) const;
  Words urls(const Words& before) const;
  Words capability_names(const Words& before) const;
  Words capability_and_elements(const Words& before) const;
  Words measurement_names(const Words& before) const;
  Words element_and_value(const Words& before) const;
  Words default_names(const Words& before) const;
  Words scopes(const Words& before) const;
  Words formats(const Words& before) const;
  Words switches(const Words& before) const;
  Words command_names(const Words& before) const;
  Words values_of(const std::string& element) const;

  /// Runs something that ^C ends, and no timeout of the options is over.
  template <typename Work>
  void attended(const Work& work, Wish unasked = Wish::Leave, bool asks = false);
  /// What was typed, or is asked for now; nothing when ^C or ^D was the answer.
  std::optional<std::string> given(const std::string& rest, const std::string& prompt,
                                   CompleteWords words);
  /// Asks for what may, but need not, be one of the candidates.
  std::optional<std::string> ask(const std::string& prompt, const Words& candidates);
  std::optional<std::string> answer_to(const std::string& prompt,
                                       const LineEditor::Complete& complete);
  const Offer& offer(const std::string& name) const;
  std::optional<Offer> asked_offer(const std::string& rest);
  Known& known(const std::string& name);
  Known* asked_measurement(const std::string& rest);
  void check_default(const std::string& element, const std::string& value) const;
  const Element* find_element(const std::string& name) const;
  std::optional<Specification> narrowed(const std::string& rest, Offer& chosen);
  bool fill_in(const Capability& capability, Question& question);
  std::optional<std::string> value_for(const Capability& capability, std::size_t parameter);
  bool choose_scope(const Capability& capability, Question& question);
  std::string next_label(const std::string& capability) const;
  void print_results(Known& measurement);
  std::string state_of(const Known& measurement) const;
  Format format() const { return options_.format.value_or(Format::Table); }

  Options options_;
  const Console console_;
  LineEditor& editor_;
  Client client_;
  Registry registry_;
  std::map<std::string, std::string> defaults_;
  std::string when_;
  std::vector<Known> measurements_;
  bool details_ = false;
  bool done_ = false;
};

/// The words of a line. @return the last one is what is being typed, and may be empty.
std::vector<std::string> words_of_line(std::string_view line);

}  // namespace mplane
