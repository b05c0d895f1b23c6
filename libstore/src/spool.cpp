#include "mplane/store/spool.hpp"

#include "committer.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/error.hpp"
#include "private_file.hpp"
#include "spool_index.hpp"
#include "spool_tables.hpp"
#include "store_time.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::Lock;
using Id = detail::SpoolIndex::Id;
using Why = detail::SpoolIndex::Why;

constexpr const char* kName = "spool.db";
constexpr std::size_t kOverhead = 256;  // what a message takes beside its body, in memory too

std::unique_ptr<detail::SpoolTables> tables_of(const SpoolOptions& options) {
  if (options.folder.empty()) return nullptr;
  return std::make_unique<detail::SpoolTables>(detail::make_private_file(options.folder, kName),
                                               options.sync);
}

}  // namespace

struct Spool::Impl {
  Impl(SpoolOptions given, const Clock& clock);

  void open();
  void add(Id id, detail::SpoolEntry entry) MPLANE_REQUIRES(mutex);
  void remove(Id id, Why why) MPLANE_REQUIRES(mutex);
  void tidy() MPLANE_REQUIRES(mutex);
  void note_drops() MPLANE_EXCLUDES(mutex);
  void ask(Then then);
  void write() MPLANE_EXCLUDES(mutex);
  void wrote(const std::map<Id, detail::SpoolEntry>& added) MPLANE_EXCLUDES(mutex);
  void could_not(const std::map<Id, detail::SpoolEntry>& added, std::vector<Id> removed)
      MPLANE_EXCLUDES(mutex);
  void note(const std::optional<Error>& failure);
  void end(const SpoolItem& item, Why why);

  const SpoolOptions options;
  const std::unique_ptr<detail::SpoolTables> tables;  // null: all is in memory
  const detail::StoreTime time;
  bool failing = false;  // of the committer's thread

  detail::Mutex mutex;
  detail::SpoolIndex index MPLANE_GUARDED_BY(mutex);
  Id last MPLANE_GUARDED_BY(mutex) = 0;
  std::set<Id> unwritten MPLANE_GUARDED_BY(mutex);  // not in the file, nor on their way to it
  std::vector<Id> unerased MPLANE_GUARDED_BY(mutex);
  std::uint64_t told MPLANE_GUARDED_BY(mutex) = 0;  // drops of which the log knows
  bool ending MPLANE_GUARDED_BY(mutex) = false;     // so that the time is written, too

  std::optional<detail::Committer> committer;  // uses all of these
};

Spool::Impl::Impl(SpoolOptions given, const Clock& clock)
    : options(std::move(given)),
      tables(tables_of(options)),
      time(clock, tables == nullptr ? Duration() : tables->time()),
      index(options.max_bytes, options.max_age) {
  if (tables != nullptr) open();
}

void Spool::Impl::open() {
  {
    const Lock lock(mutex);
    for (auto& [id, entry] : tables->load()) {
      index.add(id, entry);
      last = id;
    }
    tidy();
  }
  committer.emplace([this] { write(); }, detail::Committer::kRetry, "mplane-spool");
  ask({});
}

void Spool::Impl::add(const Id id, detail::SpoolEntry entry) {
  if (index.add(id, std::move(entry)) && tables != nullptr) unwritten.insert(id);
}

void Spool::Impl::remove(const Id id, const Why why) {
  if (!index.remove(id, why)) return;
  if (unwritten.erase(id) == 0 && tables != nullptr) unerased.push_back(id);
}

/// Drops what has to make way.
void Spool::Impl::tidy() {
  for (const Id id : index.too_old(time.now())) remove(id, Why::TooOld);
  while (const auto id = index.surplus()) remove(*id, Why::NoRoom);
}

/// Tells the log of the first drop, and whenever there are twice as many.
void Spool::Impl::note_drops() {
  SpoolBooks books;
  {
    const Lock lock(mutex);
    books = index.books();
    const std::uint64_t dropped = books.too_old + books.no_room;
    if (dropped == 0 || dropped < 2 * told) return;
    told = dropped;
  }
  log(options.log, {Severity::Warning,
                    "spool",
                    "messages that could not be delivered are dropped",
                    {{"too-old", std::to_string(books.too_old)},
                     {"no-room", std::to_string(books.no_room)},
                     {"waiting", std::to_string(books.waiting)}}});
}

void Spool::Impl::ask(Then then) {
  if (!committer) {
    if (then) then(true);
    return;
  }
  committer->ask([then = std::move(then)](const std::optional<Error>& failure) {
    if (then) then(!failure);
  });
}

/// Writes what has changed, or keeps it for the next time.
void Spool::Impl::write() {
  std::map<Id, detail::SpoolEntry> added;
  std::vector<Id> removed;
  bool is_last = false;
  {
    const Lock lock(mutex);
    is_last = ending;
    for (const Id id : unwritten) added.emplace(id, *index.find(id));
    unwritten.clear();
    removed.swap(unerased);
  }
  if (added.empty() && removed.empty() && !is_last) return;
  try {
    tables->write(added, removed, time.now());
  } catch (const Error& error) {
    could_not(added, std::move(removed));
    const Error failure(ErrorKind::Unavailable, "spool",
                        "the spool cannot be written: " + error.message());
    note(failure);
    throw failure;
  }
  wrote(added);
  note(std::nullopt);
}

void Spool::Impl::wrote(const std::map<Id, detail::SpoolEntry>& added) {
  const Lock lock(mutex);
  for (const auto& [id, entry] : added) {
    if (auto* const known = index.find(id)) known->body = nullptr;
  }
}

void Spool::Impl::could_not(const std::map<Id, detail::SpoolEntry>& added,
                            std::vector<Id> removed) {
  const Lock lock(mutex);
  for (const auto& [id, entry] : added) {
    if (index.find(id) != nullptr) unwritten.insert(id);
  }
  unerased.insert(unerased.end(), removed.begin(), removed.end());
}

/// Tells the log when writing begins to fail, and when it works again.
void Spool::Impl::note(const std::optional<Error>& failure) {
  if (failing == failure.has_value()) return;
  failing = failure.has_value();
  LogRecord record{Severity::Info, "spool", "can be written again", {}};
  if (failure) record = {Severity::Error, "spool", failure->message(), {}};
  record.fields = {{"file", (options.folder / kName).string()}};
  log(options.log, record);
}

void Spool::Impl::end(const SpoolItem& item, const Why why) {
  {
    const Lock lock(mutex);
    remove(item.id, why);
  }
  ask({});
}

Spool::Spool(SpoolOptions options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

Spool::~Spool() {
  {
    const Lock lock(impl_->mutex);
    impl_->ending = true;
  }
  impl_->ask({});  // whose thread commits once more
}

void Spool::put(const std::string_view queue, std::string url, const std::string_view key,
                std::string body) {
  {
    const Lock lock(impl_->mutex);
    detail::SpoolEntry entry{std::string(queue), std::move(url), std::string(key),
                             impl_->time.now(), body.size() + kOverhead};
    entry.body = std::make_shared<const std::string>(std::move(body));
    impl_->add(++impl_->last, std::move(entry));
    impl_->tidy();
  }
  impl_->note_drops();
  impl_->ask({});
}

void Spool::when_kept(Then then) { impl_->ask(std::move(then)); }

std::optional<SpoolItem> Spool::next(const std::string_view queue) {
  SpoolItem item;
  {
    const Lock lock(impl_->mutex);
    impl_->tidy();
    const auto id = impl_->index.first(queue);
    if (!id) return {};
    const detail::SpoolEntry& entry = *impl_->index.find(*id);
    item = {*id, entry.queue, entry.url, entry.body == nullptr ? std::string() : *entry.body};
    if (entry.body != nullptr) return item;
  }
  try {
    if (auto body = impl_->tables->body(item.id)) {
      item.body = *std::move(body);
      return item;
    }
    log(impl_->options.log,
        {Severity::Error, "spool", "a message is not in the file any more", {}});
    refused(item);
  } catch (const Error& error) {
    log(impl_->options.log,
        {Severity::Error, "spool", "a message cannot be read", {{"error", error.what()}}});
    put_back(item);
  }
  return {};
}

void Spool::delivered(const SpoolItem& item) { impl_->end(item, Why::Delivered); }

void Spool::refused(const SpoolItem& item) { impl_->end(item, Why::Refused); }

void Spool::put_back(const SpoolItem& item) {
  const Lock lock(impl_->mutex);
  impl_->index.put_back(item.id);
}

void Spool::set_aside(const SpoolItem& item) {
  const Lock lock(impl_->mutex);
  impl_->index.set_aside(item.id);
}

void Spool::bring_back(const std::string_view queue) {
  const Lock lock(impl_->mutex);
  impl_->index.bring_back(queue);
}

std::vector<std::string> Spool::queues() const {
  const Lock lock(impl_->mutex);
  return impl_->index.queues();
}

SpoolBooks Spool::books() const {
  const Lock lock(impl_->mutex);
  return impl_->index.books();
}

bool Spool::is_durable() const noexcept { return impl_->tables != nullptr; }

}  // namespace mplane
