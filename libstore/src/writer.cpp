#include "writer.hpp"

#include <future>
#include <utility>

namespace mplane::detail {

Writer::Writer(Database& database) : database_(database), thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const Lock lock(mutex_);
    ending_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

void Writer::write(Work work, Done done) {
  {
    const Lock lock(mutex_);
    queue_.push_back({std::move(work), std::move(done), nullptr});
  }
  arrived_.notify_one();
}

void Writer::write(Work work) {
  std::promise<void> durable;
  auto ended = durable.get_future();
  write(std::move(work), [&durable](const std::exception_ptr& failure) {
    if (failure) {
      durable.set_exception(failure);
    } else {
      durable.set_value();
    }
  });
  ended.get();
}

std::size_t Writer::depth() const {
  const Lock lock(mutex_);
  return queue_.size() + in_commit_;
}

void Writer::run() {
  std::vector<Entry> batch;
  for (;;) {
    {
      Lock lock(mutex_);
      in_commit_ = 0;
      arrived_.wait(lock, [this]() MPLANE_REQUIRES(mutex_) { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch.swap(queue_);
      in_commit_ = batch.size();
    }
    commit(batch);
    for (Entry& entry : batch) entry.done(entry.failure);
    batch.clear();
  }
}

void Writer::commit(std::vector<Entry>& batch) {
  try {
    database_.begin();
    for (Entry& entry : batch) apply(entry);
    database_.commit();
  } catch (...) {
    // Nothing of this batch is durable, not even what went well.
    const std::exception_ptr failure = std::current_exception();
    database_.rollback();
    for (Entry& entry : batch) {
      if (!entry.failure) entry.failure = failure;
    }
  }
}

void Writer::apply(Entry& entry) {
  database_.execute("SAVEPOINT work");
  try {
    entry.work(database_);
  } catch (...) {
    entry.failure = std::current_exception();
    database_.execute("ROLLBACK TO work");
  }
  database_.execute("RELEASE work");
}

}  // namespace mplane::detail
