#include "row_reader.hpp"

#include "mplane/model/error.hpp"

namespace mplane::detail {

std::unique_ptr<const RowReader> make_row_reader(const ExecSettings& settings) {
  const bool by_pattern =
      settings.format == ExecFormat::Lines || settings.format == ExecFormat::Text;
  if (by_pattern == settings.patterns.empty()) {
    throw Error(ErrorKind::Configuration, "patterns",
                by_pattern ? "without patterns nothing can be read from lines or text"
                           : "patterns are for the formats 'lines' and 'text'");
  }
  if (settings.format == ExecFormat::Json) return make_json_reader(settings);
  if (settings.format == ExecFormat::Csv) return make_csv_reader(settings);
  return make_pattern_reader(settings);
}

}  // namespace mplane::detail
