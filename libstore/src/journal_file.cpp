#include "mplane/store/journal_file.hpp"

#include "committer.hpp"
#include "job_changes.hpp"
#include "journal_tables.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "private_file.hpp"

#include <future>
#include <string>
#include <utility>

namespace mplane {
namespace {

constexpr const char* kName = "journal.db";

}  // namespace

struct JournalFile::Impl {
  Impl(const std::filesystem::path& path, JournalOptions given)
      : options(std::move(given)),
        file(path),
        tables(file, options.sync),
        committer(std::in_place, [this] { write(); }) {}

  void write() MPLANE_EXCLUDES(mutex);
  void note(const std::optional<Error>& failure);

  const JournalOptions options;
  const std::filesystem::path file;
  detail::JournalTables tables;  // of the committer's thread, once something was appended
  bool failing = false;          // the same
  detail::Mutex mutex;
  detail::JobChanges changes MPLANE_GUARDED_BY(mutex);
  std::optional<detail::Committer> committer;  // uses all of these
};

/// Writes what has changed, or keeps it for the next time.
void JournalFile::Impl::write() {
  detail::JobChanges batch;
  {
    const detail::Lock lock(mutex);
    std::swap(batch, changes);
  }
  if (batch.empty()) return;
  try {
    tables.write(batch);
  } catch (const Error& error) {
    const Error failure(ErrorKind::Unavailable, "journal",
                        "the journal cannot be written: " + error.message());
    {
      const detail::Lock lock(mutex);
      changes.add_before(std::move(batch));
    }
    note(failure);
    throw failure;
  }
  note(std::nullopt);
}

/// Tells the log when writing begins to fail, and when it works again.
void JournalFile::Impl::note(const std::optional<Error>& failure) {
  if (failing == failure.has_value()) return;
  failing = failure.has_value();
  LogRecord record{Severity::Info, "journal", "can be written again", {{"file", file.string()}}};
  if (failing) {
    record.severity = Severity::Error;
    record.message = "cannot be written; what has to be durable is refused";
    record.fields.emplace_back("error", failure->message());
  }
  mplane::log(options.log, record);
}

JournalFile::JournalFile(const std::filesystem::path& folder, JournalOptions options)
    : impl_(std::make_unique<Impl>(detail::make_private_file(folder, kName), std::move(options))) {}

JournalFile::~JournalFile() {
  impl_->committer.reset();
  try {
    impl_->write();
  } catch (const Error& error) {
    mplane::log(impl_->options.log, {Severity::Error,
                                     "journal",
                                     "what happened lately could not be written and is lost",
                                     {{"file", impl_->file.string()}, {"error", error.message()}}});
  }
}

std::vector<JobRecord> JournalFile::load(const Registry& registry) {
  return impl_->tables.load(registry, impl_->options.log);
}

void JournalFile::append(std::vector<JournalEntry> entries, Durable then) {
  {
    const detail::Lock lock(impl_->mutex);
    for (JournalEntry& entry : entries) impl_->changes.add(std::move(entry));
  }
  impl_->committer->ask(std::move(then));
}

std::optional<Error> JournalFile::flush() {
  std::promise<std::optional<Error>> durable;
  append({}, [&durable](std::optional<Error> failure) { durable.set_value(std::move(failure)); });
  return durable.get_future().get();
}

}  // namespace mplane
