#include "result_rows.hpp"

#include "result_tables.hpp"

#include <limits>
#include <string>

namespace mplane::detail {
namespace {

std::int64_t ticks(const Instant instant) { return instant.time_since_epoch().count(); }

}  // namespace

ResultRows::ResultRows(const std::filesystem::path& file)
    : database_(file, ToRead{ResultTables::kVersion}) {}

void ResultRows::each(const ResultSelection& selection,
                      const std::function<bool(const KeptResult&)>& take) {
  std::string sql =
      "SELECT component, label, token, begin, end, message FROM result JOIN source "
      "ON source.id = result.source WHERE begin <= ? AND end >= ?";
  if (selection.component) sql += " AND component = ?";
  if (selection.label) sql += " AND label = ?";
  Query query = database_.prepare(sql + " ORDER BY begin");
  const std::int64_t until =
      selection.until ? ticks(*selection.until) : std::numeric_limits<std::int64_t>::max();
  const std::int64_t since =
      selection.since ? ticks(*selection.since) : std::numeric_limits<std::int64_t>::min();
  if (selection.component && selection.label) {
    query.start(until, since, *selection.component, *selection.label);
  } else if (selection.component || selection.label) {
    query.start(until, since, selection.component ? *selection.component : *selection.label);
  } else {
    query.start(until, since);
  }
  KeptResult result;
  while (query.step()) {
    result.component = query.text(0);
    result.label = query.text(1);
    result.token = query.text(2);
    result.begin = Instant(Duration(query.integer(3)));
    result.end = Instant(Duration(query.integer(4)));
    result.message = query.text(5);
    if (!take(result)) return;
  }
}

}  // namespace mplane::detail
