#pragma once

#include "mplane/store/journal_file.hpp"
#include "scheduler/workshop.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// Entries about one job, as a scheduler would write them.
class JobStory {
 public:
  explicit JobStory(std::string token, std::string owner = "alice")
      : specification_(ask(ping_capability(), "now ... future", token)),
        owner_(std::move(owner)),
        token_(std::move(token)) {
    state_.accepted = FakeClock().now();
  }

  JournalEntry accepted() {
    JournalEntry entry = next(JournalEntry::Kind::Accepted);
    entry.specification = specification_;
    entry.service = "ping";
    return entry;
  }
  JournalEntry started() {
    state_.books.wait();
    state_.books.start();
    return next(JournalEntry::Kind::Started);
  }
  JournalEntry ended(std::uint64_t count, std::size_t newest = 100) {
    state_.books.end(Reason::Completed);
    state_.outcomes = std::min(state_.outcomes + 1, newest);
    JournalEntry entry = next(JournalEntry::Kind::Ended);
    entry.outcome = std::make_shared<const Message>(
        counted(specification_, count).measured(state_.accepted, state_.accepted + Duration(1)));
    return entry;
  }
  JournalEntry changed(const JobState& state) {
    state_ = state;
    return next(JournalEntry::Kind::Changed);
  }
  JournalEntry forgotten() const { return {JournalEntry::Kind::Forgotten, owner_, token_}; }

  const JobState& state() const noexcept { return state_; }
  const Specification& specification() const noexcept { return specification_; }

 private:
  JournalEntry next(JournalEntry::Kind kind) {
    state_.changed += Duration(1);
    JournalEntry entry{kind, owner_, token_};
    entry.state = state_;
    return entry;
  }

  Specification specification_;
  std::string owner_;
  std::string token_;
  JobState state_;
};

/// Appends and waits. @return why it could not be made durable.
inline std::optional<Error> write(Journal& journal, std::vector<JournalEntry> entries) {
  std::promise<std::optional<Error>> told;
  journal.append(std::move(entries),
                 [&told](std::optional<Error> failure) { told.set_value(std::move(failure)); });
  return told.get_future().get();
}

}  // namespace mplane::test
