#include "program_run.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kPiece = 16 * 1024;  // read at once
constexpr std::size_t kTurn = 4 * kPiece;  // read before others have their turn
constexpr std::size_t kLongestComplaint = 1024;

Instant now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace

ProgramRun::ProgramRun(Engine& engine, const ProgramCall& call, const Conditions& found,
                       Ended ended)
    : engine_(engine),
      output_limit_(call.output_limit),
      kill_after_(call.kill_after),
      ended_(std::move(ended)) {
  out_.pipe = Pipe::open();
  err_.pipe = Pipe::open();
  end_.conditions = found;
  end_.first = now();
  child_.emplace(call, out_.pipe.theirs, err_.pipe.theirs);
  out_.pipe.theirs = {};
  err_.pipe.theirs = {};
  watch(out_, &ProgramRun::take_output);
  watch(err_, &ProgramRun::take_complaint);
  exit_ = engine_.watch(child_->pidfd(), {.readable = true}, [this](Readiness) { finish(); });
  if (!call.time_limit) return;
  deadline_ = engine_.after(*call.time_limit, [this] { stop(ProgramEnd::Cause::TimeLimit); });
}

void ProgramRun::stop(const ProgramEnd::Cause cause) {
  if (end_.cause != ProgramEnd::Cause::Itself) return;
  end_.cause = cause;
  child_->signal(SIGTERM);
  kill_ = engine_.after(kill_after_, [this] { child_->signal(SIGKILL); });
}

ProgramEnd ProgramRun::take_end() { return std::move(end_); }

void ProgramRun::watch(Stream& stream, void (ProgramRun::*take)(std::string_view)) {
  stream.watch = engine_.watch(stream.pipe.ours.number(), {.readable = true},
                               [this, &stream, take](Readiness) {
                                 if (!read(stream, take, kTurn)) stream.watch.cancel();
                               });
}

bool ProgramRun::read(Stream& stream, void (ProgramRun::*take)(std::string_view),
                      const std::size_t most) {
  std::array<char, kPiece> piece{};
  for (std::size_t sum = 0; sum < most && end_.cause != ProgramEnd::Cause::OutputLimit;) {
    const ssize_t got = ::read(stream.pipe.ours.number(), piece.data(), piece.size());
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    sum += static_cast<std::size_t>(got);
    (this->*take)({piece.data(), static_cast<std::size_t>(got)});
  }
  return end_.cause != ProgramEnd::Cause::OutputLimit;
}

void ProgramRun::take_output(const std::string_view bytes) {
  count(bytes.size());
  end_.output.append(bytes.substr(0, output_limit_ - std::min(output_limit_, end_.output.size())));
}

void ProgramRun::take_complaint(const std::string_view bytes) {
  count(bytes.size());
  end_.complaint += bytes;
  if (end_.complaint.size() <= kLongestComplaint) return;
  end_.complaint.erase(0, end_.complaint.size() - kLongestComplaint);
}

void ProgramRun::count(const std::size_t bytes) {
  printed_ += bytes;
  if (printed_ > output_limit_) stop(ProgramEnd::Cause::OutputLimit);
}

void ProgramRun::finish() {
  // What it left behind may hold the pipes open and go on writing: what is there now counts, up to
  // the limit, and no end of file is waited for.
  const std::size_t rest = output_limit_ - std::min(output_limit_, printed_) + 1;
  read(out_, &ProgramRun::take_output, rest);
  read(err_, &ProgramRun::take_complaint, rest);
  deadline_.cancel();
  kill_.cancel();
  exit_.cancel();
  out_.watch.cancel();
  err_.watch.cancel();
  const int status = child_->reap();
  end_.last = now();
  if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  std::exchange(ended_, {})();
}

}  // namespace mplane::detail
