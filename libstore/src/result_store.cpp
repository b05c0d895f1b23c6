#include "mplane/store/result_store.hpp"

#include "committer.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "private_file.hpp"
#include "result_tables.hpp"
#include "store_time.hpp"

#include <utility>
#include <vector>

namespace mplane {
namespace {

using detail::Lock;
using Entry = detail::ResultTables::Entry;

constexpr const char* kName = "results.db";

std::filesystem::path found(const std::filesystem::path& folder) {
  std::filesystem::path file = folder / kName;
  if (std::filesystem::is_regular_file(file)) return file;
  throw Error(ErrorKind::Configuration, file.string(), "is not there: no results were kept here");
}

}  // namespace

struct ResultReader::Impl {
  explicit Impl(const std::filesystem::path& folder) : tables(found(folder), Sync::Normal) {}
  detail::ResultTables tables;
};

ResultReader::ResultReader(const std::filesystem::path& folder)
    : impl_(std::make_unique<Impl>(folder)) {}

ResultReader::~ResultReader() = default;

void ResultReader::each(const ResultSelection& selection,
                        const std::function<bool(const KeptResult&)>& take) {
  impl_->tables.each(selection, take);
}

struct ResultStore::Impl {
  Impl(ResultStoreOptions given, const Clock& clock)
      : options(std::move(given)),
        tables(detail::make_private_file(options.folder, kName), options.sync),
        time(clock, tables.newest()) {
    contents = tables.contents();
  }

  void write() MPLANE_EXCLUDES(mutex);

  const ResultStoreOptions options;
  detail::ResultTables tables;  // of the committer's thread
  const detail::StoreTime time;

  mutable detail::Mutex mutex;
  std::vector<Entry> waiting MPLANE_GUARDED_BY(mutex);
  Contents contents MPLANE_GUARDED_BY(mutex);
  bool failing = false;  // of the committer's thread

  detail::Committer committer{[this] { write(); }, detail::Committer::kRetry, "mplane-results"};
};

/// Writes what waits, or leaves it for the next time.
void ResultStore::Impl::write() {
  std::vector<Entry> entries;
  {
    const Lock lock(mutex);
    entries.swap(waiting);
  }
  try {
    tables.write(entries, time, options.max_age, options.max_bytes);
  } catch (const Error& error) {
    if (!std::exchange(failing, true)) {
      log(options.log,
          {Severity::Error, "results", "results cannot be kept", {{"reason", error.what()}}});
    }
    // Who sent them is told so, and sends them again.
    throw;
  }
  if (std::exchange(failing, false)) {
    log(options.log, {Severity::Info, "results", "results are kept again", {}});
  }
  const Lock lock(mutex);
  contents = tables.contents();
}

ResultStore::ResultStore(ResultStoreOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

ResultStore::~ResultStore() = default;

void ResultStore::keep(KeptResult result, Then then) {
  {
    const Lock lock(impl_->mutex);
    impl_->waiting.push_back({std::move(result), impl_->time.now()});
  }
  impl_->committer.ask(std::move(then));
}

ResultStore::Contents ResultStore::contents() const {
  const Lock lock(impl_->mutex);
  return impl_->contents;
}

}  // namespace mplane
