#include "job_table.hpp"

#include "job.hpp"

#include <functional>
#include <utility>

namespace mplane::detail {
namespace {

std::uint32_t hash_of(std::string_view token) noexcept {
  return static_cast<std::uint32_t>(std::hash<std::string_view>()(token));
}

}  // namespace

JobTable::Pointer JobTable::find(std::string_view token) const noexcept {
  if (table_.empty()) return nullptr;
  const std::uint32_t hash = hash_of(token);
  for (std::size_t place = hash & (table_.size() - 1);; place = after(place)) {
    const Entry& entry = table_[place];
    if (entry.number == kFree) return nullptr;
    if (entry.hash == hash && jobs_[entry.number]->token() == token) return jobs_[entry.number];
  }
}

void JobTable::insert(Pointer job) {
  if ((jobs_.size() + 1) * 4 > table_.size() * 3) grow();
  const std::uint32_t hash = hash_of(job->token());
  jobs_.push_back(std::move(job));
  enter({hash, static_cast<std::uint32_t>(jobs_.size() - 1)});
}

void JobTable::erase(const Job& job) noexcept {
  const std::uint32_t hash = hash_of(job.token());
  std::size_t gap = hash & (table_.size() - 1);
  while (table_[gap].hash != hash || jobs_[table_[gap].number].get() != &job) gap = after(gap);
  const std::uint32_t number = table_[gap].number;
  // Who comes after the gap and could not have its place, or one before, moves up into it.
  for (std::size_t place = after(gap); table_[place].number != kFree; place = after(place)) {
    const std::size_t mask = table_.size() - 1;
    const std::size_t home = table_[place].hash & mask;
    if (((place - home) & mask) < ((place - gap) & mask)) continue;
    table_[gap] = table_[place];
    gap = place;
  }
  table_[gap] = Entry();
  const auto last = static_cast<std::uint32_t>(jobs_.size() - 1);
  if (number != last) {
    table_[place_of(hash_of(jobs_.back()->token()), last)].number = number;
    jobs_[number] = std::move(jobs_.back());
  }
  jobs_.pop_back();
}

std::size_t JobTable::place_of(std::uint32_t hash, std::uint32_t number) const noexcept {
  std::size_t place = hash & (table_.size() - 1);
  while (table_[place].number != number) place = after(place);
  return place;
}

void JobTable::enter(Entry entry) noexcept {
  std::size_t place = entry.hash & (table_.size() - 1);
  while (table_[place].number != kFree) place = after(place);
  table_[place] = entry;
}

void JobTable::grow() {
  const std::vector<Entry> before =
      std::exchange(table_, std::vector<Entry>(table_.empty() ? 4 : table_.size() * 2));
  for (const Entry& entry : before) {
    if (entry.number != kFree) enter(entry);
  }
}

}  // namespace mplane::detail
