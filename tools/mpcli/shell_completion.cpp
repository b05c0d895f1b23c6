// What the words of the shell's commands may be.

#include "shell_session.hpp"

#include <algorithm>
#include <set>

namespace mplane {
namespace {

using Words = std::vector<std::string>;

Words unique(Words words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  std::erase(words, "");
  return words;
}

}  // namespace

std::vector<std::string> words_of_line(const std::string_view line) {
  Words words(1);
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

LineEditor::Completion ShellSession::complete(const std::string_view line) const {
  Words words = words_of_line(line);
  const std::string typed = words.back();
  words.pop_back();
  Words all;
  if (words.empty()) {
    all = command_names({});
  } else {
    const auto known = commands();
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const Command& one) { return one.name == words[0]; });
    if (found == known.end()) return {};
    words.erase(words.begin());
    words.push_back(typed);
    all = (this->*found->complete)(words);
  }
  LineEditor::Completion completion{line.size() - typed.size(), {}};
  std::copy_if(all.begin(), all.end(), std::back_inserter(completion.candidates),
               [&](const std::string& word) { return word.starts_with(typed); });
  return completion;
}

ShellSession::Words ShellSession::nothing(const Words&) const { return {}; }

ShellSession::Words ShellSession::urls(const Words&) const {
  Words urls = options_.urls;
  for (const Offer& one : client_.offers()) urls.push_back(to_string(one.found_at));
  return unique(std::move(urls));
}

ShellSession::Words ShellSession::capability_names(const Words& before) const {
  if (before.size() > 1) return {};
  Words labels;
  Words tokens;
  for (const Offer& one : client_.offers()) {
    labels.push_back(one.capability.label());
    tokens.push_back(one.capability.token());
  }
  // Tokens are for those who began to type one.
  const bool token = !before.empty() && !before.back().empty();
  if (token) labels.insert(labels.end(), tokens.begin(), tokens.end());
  return unique(std::move(labels));
}

ShellSession::Words ShellSession::capability_and_elements(const Words& before) const {
  if (before.size() < 2) return capability_names(before);
  Words words;
  try {
    const Capability& capability = offer(before[0]).capability;
    const auto elements = capability.schema().parameters();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::string name = elements[i]->name() + "=";
      if (capability.constraint(i).single() != nullptr) continue;
      if (!before.back().starts_with(name)) {
        words.push_back(name);
        continue;
      }
      for (const std::string& value : values_of(elements[i]->name())) words.push_back(name + value);
    }
  } catch (const Error&) {  // there is no such capability
  }
  return words;
}

ShellSession::Words ShellSession::measurement_names(const Words& before) const {
  if (before.size() > 1) return {};
  Words names;
  const bool token = !before.empty() && !before.back().empty();
  for (const Known& one : measurements_) {
    names.push_back(one.label);
    if (token) names.push_back(one.pending.token());
  }
  return unique(std::move(names));
}

ShellSession::Words ShellSession::element_and_value(const Words& before) const {
  if (before.size() == 2) return values_of(before[0]);
  if (before.size() > 2) return {};
  Words names;
  for (const Offer& one : client_.offers()) {
    for (const Element* element : one.capability.schema().parameters()) {
      names.push_back(element->name());
    }
  }
  // What the registries have beside, for those who began to type it.
  const bool known = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return before.empty() || name.starts_with(before.back());
  });
  if (!known) {
    for (const Element& element : registry_.elements()) names.push_back(element.name());
  }
  return unique(std::move(names));
}

ShellSession::Words ShellSession::default_names(const Words& before) const {
  if (before.size() > 1) return {};
  Words names{"when"};
  for (const auto& [name, value] : defaults_) names.push_back(name);
  return names;
}

/// What the constraints of all capabilities allow, and the default.
ShellSession::Words ShellSession::values_of(const std::string& element) const {
  Words values;
  if (const auto usual = defaults_.find(element); usual != defaults_.end()) {
    values.push_back(usual->second);
  }
  for (const Offer& one : client_.offers()) {
    const auto place = one.capability.schema().find_parameter(element);
    if (!place) continue;
    for (const Value& value : one.capability.constraint(*place).values()) {
      values.push_back(to_string(value));
    }
  }
  return unique(std::move(values));
}

ShellSession::Words ShellSession::scopes(const Words& before) const {
  if (before.size() > 1) return {};
  Words scopes{"now", "now + 30s / 1s", "repeat now + 1h / 5m { now + 5s / 1s }", "past ... now"};
  if (!when_.empty()) scopes.push_back(when_);
  return unique(std::move(scopes));
}

ShellSession::Words ShellSession::formats(const Words& before) const {
  if (before.size() > 1) return {};
  Words names;
  for (const std::string_view name : format_names()) names.emplace_back(name);
  return names;
}

ShellSession::Words ShellSession::switches(const Words& before) const {
  return before.size() > 1 ? Words{} : Words{"off", "on"};
}

ShellSession::Words ShellSession::command_names(const Words& before) const {
  if (before.size() > 1) return {};
  Words names;
  for (const Command& one : commands()) names.emplace_back(one.name);
  return unique(std::move(names));
}

}  // namespace mplane
