#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/store/sync.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// What a component sent in the end of a measurement, a result or an exception, as it is kept. A
/// value.
struct KeptResult {
  std::string component;
  std::string label;  ///< of the component's capability
  std::string token;  ///< that the component was asked under
  Instant begin{};    ///< of what was measured; of an exception, when it came
  Instant end{};
  std::string message;      ///< as on the wire
  std::string schema = {};  ///< of a result: its hash (Schema::hash); empty of an exception
  bool is_only = false;     ///< nothing else comes under its token: what does is the same once more
  std::optional<Message> decoded = {};  ///< the message, where it is at hand: not from a file
};

/// Results that are of one kind: their parameters and columns are the same. A value.
struct ResultKind {
  std::string label;
  std::string schema;
  std::string sample = {};  ///< the message of one of them
};

/// How results are kept, and how many.
struct ResultStoreOptions {
  std::filesystem::path folder = {};  ///< where `results.db` lies
  Sync sync = Sync::Full;
  Duration max_age = std::chrono::hours(24 * 365);     ///< since they came; see ResultStore
  std::uint64_t max_bytes = std::uint64_t{10} << 30U;  ///< of all messages, as they came; oldest go
  LogSink log = {};
  /// Told of those that are new, as soon as they are durable, before their own `Then`; one
  /// after the other. Must not throw, nor take long.
  std::function<void(const KeptResult&)> watch = {};
  /// Told in the same way of kinds, without a sample, of which the last one made way.
  std::function<void(const ResultKind&)> gone = {};
};

/// Which of them; what is not given selects all.
struct ResultSelection {
  std::optional<Instant> since = {};  ///< those that end then or later
  std::optional<Instant> until = {};  ///< those that begin then or earlier
  std::optional<std::string> component = {};
  std::optional<std::string> label = {};
  std::optional<std::string> schema = {};
};

/// Reads what a ResultStore keeps, also of another process while that writes. A resource; one
/// thread at a time.
class ResultReader {
 public:
  /// @throws Error{Configuration} when there is no such file, or it cannot be used: it is no store,
  /// or one of another version.
  explicit ResultReader(const std::filesystem::path& folder);
  ~ResultReader();
  ResultReader(const ResultReader&) = delete;
  ResultReader& operator=(const ResultReader&) = delete;

  /// Hands over what was kept when it began, in the order of begins, one at a time: however much it
  /// is, it takes little memory. Ends early when `take` gives false, or `is_enough` true, which is
  /// asked now and then also while nothing is found; neither may throw but what ends it, too.
  /// @throws Error{Unavailable} when the file cannot be read.
  void each(const ResultSelection& selection, const std::function<bool(const KeptResult&)>& take,
            const std::function<bool()>& is_enough = {});

  /// What kinds of results are kept; exceptions, and what older versions kept, are of none.
  /// @throws Error{Unavailable} when the file cannot be read.
  std::vector<ResultKind> kinds();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Keeps results in a file for as long as their age and size allow. They age while a process has
/// the store open, whatever the time of day is set to: an absence and a clock that was set wrong
/// cannot be told apart. Thread-safe, with one thread that writes and one that tells of it; a
/// resource. What comes while it writes goes into the next transaction. One process at a time has a
/// store; others may read it.
class ResultStore {
 public:
  /// What one transaction writes, so that who came first does not wait for thousands of others.
  static constexpr std::size_t kMostAtOnce = 256;
  /// Told, from any thread, when it is durable, or why it could not be made so. Must not throw.
  using Then = std::function<void(std::optional<Error>)>;

  /// Opens the store or begins one; makes the folder, but not the one it lies in. The clock
  /// outlives it. @throws Error{Configuration} when the file cannot be used, or another has it.
  ResultStore(ResultStoreOptions options, const Clock& clock);
  /// Writes what can be written, and tells all who wait for it, who then may keep nothing more.
  ~ResultStore();
  ResultStore(const ResultStore&) = delete;
  ResultStore& operator=(const ResultStore&) = delete;

  /// Keeps one. What has the component, label, token and begin of one that is there is the same,
  /// and is dropped; of one that `is_only`, so is what begins at another time.
  void keep(KeptResult result, Then then);

  /// How many there are, and how many bytes of messages; as of the last transaction.
  struct Contents {
    std::uint64_t results = 0;
    std::uint64_t bytes = 0;
  };
  Contents contents() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
