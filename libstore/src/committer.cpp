#include "committer.hpp"

#include <algorithm>
#include <exception>
#include <pthread.h>
#include <utility>

namespace mplane::detail {

Committer::Committer(Commit commit, const Milliseconds retry, const char* const name,
                     const std::size_t most)
    : commit_(std::move(commit)), retry_(retry), name_(name), most_(most), thread_([this] {
        run();
      }) {}

Committer::~Committer() {
  {
    const Lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Committer::ask(Then then) {
  {
    const Lock lock(mutex_);
    asked_.push_back(std::move(then));
    if (asked_.size() != 1 && asked_.size() != expected_) return;
  }
  changed_.notify_one();
}

void Committer::run() {
  ::pthread_setname_np(::pthread_self(), name_);
  std::vector<Then> asked;
  while (wait(asked)) {
    const auto begin = Clock::now();
    const auto failure = commit();
    taken_ = Clock::now() - begin;
    failed_ = failure.has_value();
    for (const Then& then : asked) then(failure);
    asked.clear();
  }
}

/// Waits for who asks. False at the end.
bool Committer::wait(std::vector<Then>& asked) {
  Lock lock(mutex_);
  const auto is_due = [this]() MPLANE_REQUIRES(mutex_) { return ending_ || !asked_.empty(); };
  if (failed_) {
    changed_.wait_for(lock, retry_, is_due);
  } else {
    changed_.wait(lock, is_due);
  }
  if (ending_ && asked_.empty()) return false;
  gather(lock);
  asked.swap(asked_);
  expected_ = std::min(asked.size(), most_);
  return true;
}

void Committer::gather(Lock& lock) {
  const Clock::duration at_most = std::min<Clock::duration>(taken_ / 2, kMostGathering);
  changed_.wait_for(lock, at_most, [this]() MPLANE_REQUIRES(mutex_) {
    return ending_ || asked_.size() >= expected_;
  });
}

std::optional<Error> Committer::commit() {
  try {
    commit_();
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorKind::Internal, "", error.what());
  }
}

}  // namespace mplane::detail
