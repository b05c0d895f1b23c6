#include "result_rows.hpp"

#include "result_tables.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

// In the order of their begins without sorting, which would take room for all of them: results of
// one source lie in that order in an index, and those of few sources are merged. Of many sources
// all results of that time are looked at, in the order of another index. Those that began longer
// before than most results take come first, from indices that have long ones alone.

namespace mplane::detail {
namespace {

constexpr std::size_t kFew = 32;

constexpr std::string_view kOfSource =
    "SELECT token, begin, end, message FROM result INDEXED BY result_time "
    "WHERE source = ? AND begin BETWEEN ? AND ? AND end >= ? ORDER BY begin";
constexpr std::string_view kOfAll =
    "SELECT token, begin, end, message, source FROM result INDEXED BY result_begin "
    "WHERE begin BETWEEN ? AND ? AND end >= ? ORDER BY begin";

constexpr std::string_view kLongOfSource =
    "SELECT token, begin, end, message FROM result INDEXED BY result_long WHERE source = ? "
    "AND begin BETWEEN ? AND ? AND end >= ? AND end - begin > 86400000000 ORDER BY begin";
constexpr std::string_view kLongOfAll =
    "SELECT token, begin, end, message, source FROM result INDEXED BY result_long_begin "
    "WHERE begin BETWEEN ? AND ? AND end >= ? AND end - begin > 86400000000 ORDER BY begin";
static_assert(ResultTables::kLong == Duration(86'400'000'000));

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t ticks(const std::optional<Instant>& instant, const std::int64_t otherwise) {
  return instant ? instant->time_since_epoch().count() : otherwise;
}

/// The difference, or the least there is.
std::int64_t before(const std::int64_t ticks, const std::int64_t length) {
  return ticks < kLeast + length ? kLeast : ticks - length;
}

/// Fills in what the row that a query has come to says.
void read(const Query& row, KeptResult& result) {
  result.token.assign(row.bytes(0));
  result.begin = Instant(Duration(row.integer(1)));
  result.end = Instant(Duration(row.integer(2)));
  result.message.assign(row.bytes(3));
}

/// Everything is read as it was when this began, whoever writes meanwhile.
class Snapshot {
 public:
  explicit Snapshot(Database& database) : database_(database) { database_.execute("BEGIN"); }
  ~Snapshot() { database_.rollback(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& database_;
};

/// Asks whether that is enough while it is there.
class Questions {
 public:
  Questions(Database& database, const std::function<bool()>& is_enough) : database_(database) {
    if (is_enough) ask_ = [this, &is_enough] { return said_ = said_ || is_enough(); };
    if (ask_) database_.ask_whether_enough(&ask_);
  }
  ~Questions() { database_.ask_whether_enough(nullptr); }
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  /// Whether the answer was that it is.
  bool said() const noexcept { return said_; }

 private:
  Database& database_;
  std::function<bool()> ask_;
  bool said_ = false;
};

}  // namespace

ResultRows::ResultRows(const std::filesystem::path& file)
    : database_(file, ToRead{ResultTables::kVersion}) {}

void ResultRows::each(const ResultSelection& selection, const Take& take,
                      const std::function<bool()>& is_enough) {
  const Snapshot snapshot(database_);
  const Questions questions(database_, is_enough);
  try {
    read_each(selection, take);
  } catch (const Error&) {
    if (!questions.said()) throw;  // else it is why a query failed
  }
}

void ResultRows::read_each(const ResultSelection& selection, const Take& take) {
  std::int64_t longest = 0;
  const Sources selected = sources(selection, longest);
  const bool few = selected.size() <= kFew;
  const std::int64_t first_end = ticks(selection.since, kLeast);
  const std::int64_t last_begin = ticks(selection.until, kMost);
  const std::int64_t first_begin =
      before(first_end, std::min<std::int64_t>(longest, ResultTables::kLong.count()));
  if (longest > ResultTables::kLong.count() && first_begin != kLeast) {
    const Span span{kLeast, std::min(first_begin - 1, last_begin), first_end};
    const bool goes_on = few ? each_of_few(selected, kLongOfSource, span, take)
                             : each_of_many(selected, kLongOfAll, span, take);
    if (!goes_on) return;
  }
  const Span span{first_begin, last_begin, first_end};
  few ? each_of_few(selected, kOfSource, span, take) : each_of_many(selected, kOfAll, span, take);
}

/// @param longest gets how long the longest result of theirs is.
ResultRows::Sources ResultRows::sources(const ResultSelection& selection, std::int64_t& longest) {
  std::string sql = "SELECT id, component, label, schema, longest FROM source WHERE 1";
  std::vector<std::string> texts;
  const auto ask = [&](const std::optional<std::string>& text, const std::string_view column) {
    if (!text) return;
    sql.append(" AND ").append(column).append(" = ?");
    texts.push_back(*text);
  };
  ask(selection.component, "component");
  ask(selection.label, "label");
  ask(selection.schema, "schema");
  Query query = database_.prepare(sql);
  Sources sources;
  for (query.start_with(texts); query.step();) {
    longest = std::max(longest, query.integer(4));
    sources.emplace(query.integer(0), Source{query.text(1), query.text(2), query.text(3)});
  }
  return sources;
}

bool ResultRows::each_of_few(const Sources& sources, const std::string_view sql, const Span& span,
                             const Take& take) {
  std::vector<std::pair<Query, KeptResult>> rows;  // each at the next of its source
  std::vector<std::size_t> turns;                  // whose places are a heap, the earliest first
  const auto is_later = [&](const std::size_t a, const std::size_t b) {
    return rows[a].second.begin > rows[b].second.begin;
  };
  for (const auto& [id, source] : sources) {
    Query query = database_.prepare(sql);
    query.start(id, span.first_begin, span.last_begin, span.first_end);
    if (!query.step()) continue;
    KeptResult result{source.component, source.label, {}, {}, {}, {}, source.schema};
    read(query, result);
    turns.push_back(rows.size());
    rows.emplace_back(std::move(query), std::move(result));
  }
  std::make_heap(turns.begin(), turns.end(), is_later);
  while (!turns.empty()) {
    std::pop_heap(turns.begin(), turns.end(), is_later);
    auto& [query, result] = rows[turns.back()];
    if (!take(result)) return false;
    if (query.step()) {
      read(query, result);
      std::push_heap(turns.begin(), turns.end(), is_later);
    } else {
      turns.pop_back();
    }
  }
  return true;
}

bool ResultRows::each_of_many(const Sources& sources, const std::string_view sql, const Span& span,
                              const Take& take) {
  Query query = database_.prepare(sql);
  KeptResult result;
  for (query.start(span.first_begin, span.last_begin, span.first_end); query.step();) {
    const auto source = sources.find(query.integer(4));
    if (source == sources.end()) continue;
    read(query, result);
    result.component = source->second.component;
    result.label = source->second.label;
    result.schema = source->second.schema;
    if (!take(result)) return false;
  }
  return true;
}

std::vector<ResultKind> ResultRows::kinds() {
  const Snapshot snapshot(database_);
  std::vector<ResultKind> kinds;
  Query query = database_.prepare(
      "SELECT DISTINCT label, schema FROM source WHERE schema <> '' ORDER BY label, schema");
  Query sample = database_.prepare(
      "SELECT message FROM result WHERE source IN "
      "(SELECT id FROM source WHERE label = ? AND schema = ?) LIMIT 1");
  for (query.start(); query.step();) {
    ResultKind kind{query.text(0), query.text(1)};
    sample.start(kind.label, kind.schema);
    if (!sample.step()) continue;  // they made way
    kind.sample = sample.text(0);
    while (sample.step()) continue;
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace mplane::detail
