#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/store/sync.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace mplane {

/// How a journal is kept.
struct JournalOptions {
  Sync sync = Sync::Full;
  LogSink log = {};
};

/// The journal of a scheduler in a folder of its own: `journal.db`, an SQLite file in WAL mode, and
/// what SQLite puts beside it. Whoever has it open is the only one who can. Thread-safe, with one
/// thread that writes. A resource that outlives its scheduler:
///
///     JournalFile journal("/var/lib/mplane", {});
///     Scheduler scheduler(clock, {.journal = &journal}, log);
///     … offer services …
///     for (const JobRecord& job : journal.load(registry)) scheduler.restore(job);
///
/// What is appended while a transaction is written goes into the next one, a job's entries merged
/// into the newest state. When the disk is full, or the file cannot be written for another reason,
/// all who wait are told; what happened to jobs stays in memory and is tried again with each
/// further append, and each second. The log says when that begins and when it is over.
class JournalFile final : public Journal {
 public:
  /// Opens the journal or begins one; makes the folder, but not the one it lies in.
  /// @throws Error{Configuration} with the folder or file: it cannot be used, another process has
  /// it, or a newer version of mPlane wrote it.
  JournalFile(const std::filesystem::path& folder, JournalOptions options);
  /// Writes what can be written; what can't is lost, and the log says so.
  ~JournalFile() override;
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  /// The jobs that processes before us left, oldest first. Call it before the first `append`.
  /// A job whose messages the registry does not know any more is left out, but not forgotten: the
  /// log names it. @throws Error{Unavailable} when the file is damaged or can't be read.
  std::vector<JobRecord> load(const Registry& registry);

  void append(std::vector<JournalEntry> entries, Durable then) override;

  /// Waits until all that was appended is durable. @return the reason why it could not be made so.
  std::optional<Error> flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
