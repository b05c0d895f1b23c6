#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/books.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

// What a scheduler writes down so that it can go on after a crash, and what it reads again.
//
// A job is known by its owner and token. Its life is a sequence of entries:
//
//     Accepted (Started | Ended | Changed)* Forgotten
//
// after which another job of the same owner and token may begin. Each entry but the last carries
// the whole state of the job after it. Hence a journal has to keep, of each job that is not
// forgotten: its service and specification, the state of its newest entry, and its newest outcomes,
// as many as that state says. It need not understand any of it.
//
// Nothing is said before it is durable:
//
//     the scheduler             waits for       and if the journal cannot keep it
//     gives a receipt           Accepted        the submission is refused with the journal's words
//     calls a service           Started         the start is refused ("not-kept"), nothing runs
//     hands over an outcome     Ended           hands it over nevertheless
//     confirms an interrupt     Changed         the same
//
// What is durable survives `kill -9`. So after a crash nothing acknowledged is gone, and no start
// is run twice: one whose service may have been called is in the books as running, and is lost;
// unless its service resumes (`ServicePolicy`): then it is begun again, under the same name.

/// The state of a job after one of its entries. Replaces the one before it. A value.
struct JobState {
  Instant accepted = {};             ///< what `now` means in its scope
  Instant changed = {};              ///< the time of the entry; what is over is kept from then on
  std::optional<Instant> next = {};  ///< the nominal time of the next start
  bool over = false;         ///< no more starts, and what runs yet was called off by its owner
  bool handed_over = false;  ///< it is over, and its owner has what it yielded
  std::size_t outcomes = 0;  ///< so many of the newest are kept
  Books books = {};          ///< a run counts as running from its Started on

  friend bool operator==(const JobState&, const JobState&) noexcept = default;
};

/// One thing that happened to a job. A value.
struct JournalEntry {
  enum class Kind : std::uint8_t {
    Accepted,   ///< the job is new; has a service and a specification
    Started,    ///< a run is about to call its service; has a start
    Ended,      ///< that run ended; has its start, and most often an outcome
    Changed,    ///< something else: starts left out, an interrupt, the end; may have an outcome
    Forgotten,  ///< nothing of the job has to be kept any more; has no state
  };

  Kind kind{};
  std::string owner = {};
  std::string token = {};                           ///< of the job
  std::string service = {};                         ///< the label of its capability
  std::optional<Specification> specification = {};  ///< with that token
  std::optional<Instant> start = {};                ///< nominal: names a run within its job
  std::shared_ptr<const Message> outcome = {};      ///< a Result or an Exception, or null
  JobState state = {};
};

/// What a journal knows of a job when the process starts again: for `Scheduler::restore`. A value.
struct JobRecord {
  std::string owner;
  std::string service;
  Specification specification;
  JobState state;                      ///< of its newest entry
  std::vector<Message> outcomes = {};  ///< oldest first; at least `state.outcomes`, if there were
};

/// What survives a crash. Outlives its scheduler; tells the log when it fails. Thread-safe.
///
/// Made for group commit: every step of every job is one `append`, none of which waits. Entries
/// that come while a transaction is being written go into the next one, and those who wait for
/// them are called back together: 64 who submit at the same time share a commit.
class Journal {
 public:
  /// Why what was appended could not be made durable; nothing when it was. Where it is an Error, it
  /// is what who submits is refused with: {Unavailable}, a sentence such as "the journal cannot be
  /// written: the disk is full".
  using Durable = std::function<void(std::optional<Error>)>;

  virtual ~Journal() = default;

  /// Takes entries, in their order; those of one call become durable together or not at all. One
  /// thread at a time calls it. Must not wait for the disk, and not throw.
  ///
  /// Calls back once, from any thread, also before it returns, when these entries and all before
  /// them are durable, or cannot be made so for now; calls back in the order in which it was
  /// called. Without entries, it only waits for those before. The callback is short; it may append.
  ///
  /// Entries that could not be written stay with the journal, which tries again with the next ones
  /// that come, so that what it holds becomes true again when there is room. Meanwhile it may leave
  /// out what later entries of the same job have made void: all but the newest state and the newest
  /// outcomes, and all of a job that was accepted and forgotten.
  virtual void append(std::vector<JournalEntry> entries, Durable then) = 0;

 protected:
  Journal() = default;
  Journal(const Journal&) = default;
  Journal& operator=(const Journal&) = default;
};

}  // namespace mplane
