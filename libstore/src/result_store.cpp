#include "mplane/store/result_store.hpp"

#include "committer.hpp"
#include "file_lock.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/store/state_folder.hpp"
#include "private_file.hpp"
#include "result_rows.hpp"
#include "result_tables.hpp"
#include "store_time.hpp"
#include "teller.hpp"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

namespace mplane {
namespace {

using detail::Lock;
using Entry = detail::ResultTables::Entry;

constexpr const char* kName = "results.db";
constexpr const char* kLockName = "results.lock";  // one's own: others read the file itself

std::filesystem::path found(const std::filesystem::path& folder) {
  std::filesystem::path file = folder / kName;
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error) && std::filesystem::file_size(file, error) > 0)
    return file;
  throw Error(ErrorKind::Configuration, file.string(), "no results were kept here");
}

}  // namespace

struct ResultReader::Impl {
  explicit Impl(const std::filesystem::path& folder) : rows(found(folder)) {}
  detail::ResultRows rows;
};

ResultReader::ResultReader(const std::filesystem::path& folder)
    : impl_(std::make_unique<Impl>(folder)) {}

ResultReader::~ResultReader() = default;

void ResultReader::each(const ResultSelection& selection,
                        const std::function<bool(const KeptResult&)>& take,
                        const std::function<bool()>& is_enough) {
  impl_->rows.each(selection, take, is_enough);
}

std::vector<ResultKind> ResultReader::kinds() { return impl_->rows.kinds(); }

struct ResultStore::Impl {
  /// What waits to be written, and who waits for that.
  struct Waiting {
    Entry entry;
    Then then;
  };
  /// What one transaction writes.
  struct Batch {
    std::vector<Entry> entries;
    std::vector<Then> thens;
  };

  Impl(ResultStoreOptions given, const Clock& clock)
      : options(std::move(given)),
        sole(lock_of(options.folder), options.folder / kName),
        tables(detail::make_private_file(options.folder, kName), options.sync),
        time(clock, tables.time()) {
    contents = tables.contents();
  }

  static std::filesystem::path lock_of(const std::filesystem::path& folder);
  void ask() {
    committer.ask([](const std::optional<Error>&) {});
  }
  void write_all() MPLANE_EXCLUDES(mutex);
  std::size_t count_waiting() const MPLANE_EXCLUDES(mutex);
  Batch take(std::size_t count) MPLANE_EXCLUDES(mutex);
  std::optional<Error> write_next(std::size_t count) MPLANE_EXCLUDES(mutex);
  std::optional<Error> commit(std::vector<Entry>& entries, std::vector<ResultKind>& gone)
      MPLANE_EXCLUDES(mutex);
  void tell(Batch batch, std::vector<ResultKind> gone, const std::optional<Error>& failure);
  void show(const std::vector<Entry>& entries, const std::vector<ResultKind>& gone) const;
  template <typename Call>
  void fenced(const Call& call) const;
  void note(const std::optional<Error>& failure);

  const ResultStoreOptions options;
  const detail::FileLock sole;
  detail::ResultTables tables;  // of the committer's thread
  const detail::StoreTime time;

  mutable detail::Mutex mutex;
  std::deque<Waiting> waiting MPLANE_GUARDED_BY(mutex);
  Contents contents MPLANE_GUARDED_BY(mutex);
  bool failing = false;  // of the committer's thread

  detail::Teller teller{"mplane-kept"};
  detail::Committer committer{[this] { write_all(); }, detail::Committer::kRetry, "mplane-results",
                              kMostAtOnce};
};

std::filesystem::path ResultStore::Impl::lock_of(const std::filesystem::path& folder) {
  make_state_folder(folder);
  return folder / kLockName;
}

/// Writes what waits, and tells those who wait for it, and nobody else: who came since is told
/// when his own is written.
void ResultStore::Impl::write_all() {
  std::size_t left = count_waiting();
  std::optional<Error> failure;
  do {
    const std::size_t count = std::min(left, kMostAtOnce);
    failure = write_next(count);
    left -= count;
  } while (left > 0 && !failure);
  if (!failure) return;
  // It may have taken a second to see that the file cannot be written: nobody waits for another.
  tell(take(left), {}, failure);
  throw *failure;  // so that it is tried again soon, if only to see whether it can be
}

std::size_t ResultStore::Impl::count_waiting() const {
  const Lock lock(mutex);
  return waiting.size();
}

ResultStore::Impl::Batch ResultStore::Impl::take(const std::size_t count) {
  Batch batch;
  batch.entries.reserve(count);
  batch.thens.reserve(count);
  const Lock lock(mutex);
  for (std::size_t i = 0; i < count; ++i) {
    batch.entries.push_back(std::move(waiting.front().entry));
    batch.thens.push_back(std::move(waiting.front().then));
    waiting.pop_front();
  }
  return batch;
}

std::optional<Error> ResultStore::Impl::write_next(const std::size_t count) {
  Batch batch = take(count);
  std::vector<ResultKind> gone;
  std::optional<Error> failure = commit(batch.entries, gone);
  note(failure);
  tell(std::move(batch), std::move(gone), failure);
  return failure;
}

std::optional<Error> ResultStore::Impl::commit(std::vector<Entry>& entries,
                                               std::vector<ResultKind>& gone) {
  try {
    gone = tables.write(entries, time.now(), options.max_age, options.max_bytes);
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(ErrorKind::Internal, "results", error.what());
  }
  const Lock lock(mutex);
  contents = tables.contents();
  return {};
}

/// On a thread of its own: the next transaction need not wait for what follows from this one.
void ResultStore::Impl::tell(Batch batch, std::vector<ResultKind> gone,
                             const std::optional<Error>& failure) {
  // Shared because a std::function has to be copyable; it is called once.
  const auto written = std::make_shared<const Batch>(std::move(batch));
  teller.tell([this, written, gone = std::move(gone), failure] {
    if (!failure) show(written->entries, gone);
    for (const Then& then : written->thens) fenced([&] { then(failure); });
  });
}

void ResultStore::Impl::show(const std::vector<Entry>& entries,
                             const std::vector<ResultKind>& gone) const {
  for (const Entry& entry : entries) {
    if (entry.is_new && options.watch) fenced([&] { options.watch(entry.result); });
  }
  for (const ResultKind& kind : gone) {
    if (options.gone) fenced([&] { options.gone(kind); });
  }
}

/// What throws all the same costs nobody else what he is to be told.
template <typename Call>
void ResultStore::Impl::fenced(const Call& call) const {
  try {
    call();
  } catch (const std::exception& error) {
    log(options.log,
        {Severity::Error, "results", "who was told of a result threw", {{"reason", error.what()}}});
  }
}

/// Tells the log when keeping begins to fail, and when it works again.
void ResultStore::Impl::note(const std::optional<Error>& failure) {
  if (failing == failure.has_value()) return;
  failing = failure.has_value();
  LogRecord record{Severity::Info, "results", "results are kept again", {}};
  if (failure) {
    record = {Severity::Error, "results", "results cannot be kept", {{"reason", failure->what()}}};
  }
  log(options.log, record);
}

ResultStore::ResultStore(ResultStoreOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

ResultStore::~ResultStore() { impl_->ask(); }  // for its time

void ResultStore::keep(KeptResult result, Then then) {
  {
    const Lock lock(impl_->mutex);
    impl_->waiting.push_back({{std::move(result), impl_->time.now()}, std::move(then)});
  }
  impl_->ask();
}

ResultStore::Contents ResultStore::contents() const {
  const Lock lock(impl_->mutex);
  return impl_->contents;
}

}  // namespace mplane
