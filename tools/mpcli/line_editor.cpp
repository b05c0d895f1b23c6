#include "line_editor.hpp"

#include "heeded_signals.hpp"
#include "mplane/tools/text.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <csignal>
#include <cwchar>
#include <histedit.h>
#include <iostream>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

constexpr int kRemembered = 1000;  // lines

bool has_terminal() { return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1; }

std::size_t width_of_terminal() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

/// Characters of more than one byte are read as the terminal writes them.
void use_locale() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

std::string common_prefix(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  std::string prefix = texts.front();
  for (const std::string& text : texts) {
    const auto [end, other] = std::mismatch(prefix.begin(), prefix.end(), text.begin(), text.end());
    prefix.erase(end, prefix.end());
  }
  return prefix;
}

std::string in_columns(const std::vector<std::string>& words, const std::size_t width) {
  std::size_t widest = 1;
  for (const std::string& word : words) widest = std::max(widest, width_of(word) + 2);
  const std::size_t columns = std::max<std::size_t>(width / widest, 1);
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool last = (i + 1) % columns == 0 || i + 1 == words.size();
    out += words[i];
    out += last ? "\n" : std::string(widest - width_of(words[i]), ' ');
  }
  return out;
}

class LineEditor::Impl {
 public:
  explicit Impl(std::filesystem::path file) : file_(std::move(file)) {
    use_locale();
    const sigset_t signals = heeded({SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH});
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
    signals_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    history_ = history_init();
    HistEvent event{};
    history(history_, &event, H_SETSIZE, kRemembered);
    history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty()) history(history_, &event, H_LOAD, file_.c_str());
    editor_ = el_init("mpcli", stdin, stdout, stderr);
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &Impl::prompt);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_GETCFN, &Impl::next_character);
    el_set(editor_, EL_ADDFN, "complete", "completes the word", &Impl::complete);
    el_set(editor_, EL_BIND, "^I", "complete", nullptr);
    el_source(editor_, nullptr);
  }

  ~Impl() {
    HistEvent event{};
    std::error_code none;
    if (!file_.empty()) {
      std::filesystem::create_directories(file_.parent_path(), none);
      history(history_, &event, H_SAVE, file_.c_str());
    }
    el_end(editor_);
    history_end(history_);
    close(signals_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Read read(const std::string& prompt, const Complete& complete, std::string& line) {
    if (ended_) return Read::End;
    prompt_ = prompt;
    complete_ = &complete;
    cancelled_ = false;
    int length = 0;
    // Before the prompt: what is typed once it is seen is a key already, ^D above all.
    el_set(editor_, EL_PREP_TERM, 1);
    const char* const text = el_gets(editor_, &length);
    if (cancelled_) return Read::Cancelled;
    if (ended_ || text == nullptr || length <= 0) {
      std::cout << '\n';
      return Read::End;
    }
    line.assign(text, static_cast<std::size_t>(length));
    if (line.ends_with('\n')) line.pop_back();
    return Read::Line;
  }

  void remember(const std::string& line) {
    HistEvent event{};
    history(history_, &event, H_ENTER, line.c_str());
  }

 private:
  static Impl& of(EditLine* const editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<Impl*>(data);
  }

  static char* prompt(EditLine* const editor) { return of(editor).prompt_.data(); }

  /// Gives libedit the next character, and takes signals meanwhile.
  static int next_character(EditLine* const editor, wchar_t* const character) {
    return of(editor).wait_for_character(*character);
  }

  int wait_for_character(wchar_t& character) {
    std::mbstate_t state{};
    for (;;) {
      std::array<pollfd, 2> events{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signals_, POLLIN, 0}};
      if (poll(events.data(), events.size(), -1) < 0) continue;
      if (take_signals()) return -1;
      if (events[0].revents == 0) continue;
      char byte = 0;
      if (::read(STDIN_FILENO, &byte, 1) != 1) return 0;  // nobody is there any more
      const std::size_t used = std::mbrtowc(&character, &byte, 1, &state);
      if (used == static_cast<std::size_t>(-2)) continue;
      if (used == static_cast<std::size_t>(-1)) character = L'?';
      return 1;
    }
  }

  /// @return whether the line is given up.
  bool take_signals() {
    signalfd_siginfo signal{};
    while (::read(signals_, &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo == SIGINT) cancelled_ = true;
      if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGHUP) ended_ = true;
      if (signal.ssi_signo == SIGTSTP) suspend();
      if (signal.ssi_signo == SIGWINCH) resize();
    }
    if (cancelled_) std::cout << "^C\n" << std::flush;
    return cancelled_ || ended_;
  }

  /// Shows the line anew: where a window breaks what it showed before is its own matter.
  void resize() {
    el_resize(editor_);
    std::cout << '\r' << std::flush;
    el_set(editor_, EL_REFRESH);
  }

  /// ^Z: gives the terminal back, stops, and takes up the line again when it is continued.
  void suspend() {
    sigset_t stop{};
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    el_set(editor_, EL_PREP_TERM, 0);
    pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
    raise(SIGTSTP);
    pthread_sigmask(SIG_BLOCK, &stop, nullptr);
    el_set(editor_, EL_PREP_TERM, 1);
    el_set(editor_, EL_REFRESH);
  }

  static unsigned char complete(EditLine* const editor, int) { return of(editor).complete_word(); }

  unsigned char complete_word() {
    const LineInfo* const info = el_line(editor_);
    const std::string_view line(info->buffer,
                                static_cast<std::size_t>(info->cursor - info->buffer));
    const Completion found = (*complete_)(line);
    if (found.candidates.empty() || found.begin > line.size()) return CC_ERROR;
    const std::string_view typed = line.substr(found.begin);
    const bool only = found.candidates.size() == 1;
    std::string text = common_prefix(found.candidates);
    if (only && !text.ends_with('=') && !text.ends_with(' ')) text += ' ';
    if (text.size() <= typed.size() && !only) {
      std::cout << '\n' << in_columns(found.candidates, width_of_terminal()) << std::flush;
      return CC_REDISPLAY;
    }
    // el_deletestr counts characters, not bytes.
    el_deletestr(editor_, static_cast<int>(width_of(typed)));
    el_insertstr(editor_, text.c_str());
    return CC_REFRESH;
  }

  const std::filesystem::path file_;
  sigset_t before_{};
  int signals_ = -1;  // a signalfd
  History* history_ = nullptr;
  EditLine* editor_ = nullptr;
  std::string prompt_;
  const Complete* complete_ = nullptr;
  bool cancelled_ = false;
  bool ended_ = false;  // by a signal
};

LineEditor::LineEditor(const std::filesystem::path& history)
    : impl_(has_terminal() ? std::make_unique<Impl>(history) : nullptr) {}

LineEditor::~LineEditor() = default;

bool LineEditor::is_interactive() const noexcept { return impl_ != nullptr; }

LineEditor::Read LineEditor::read(const std::string& prompt, const Complete& complete,
                                  std::string& line) {
  if (impl_) return impl_->read(prompt, complete, line);
  return std::getline(std::cin, line) ? Read::Line : Read::End;
}

void LineEditor::remember(const std::string& line) {
  if (impl_) impl_->remember(line);
}

}  // namespace mplane
