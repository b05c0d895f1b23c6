#include "result_output.hpp"

namespace mplane {

std::unique_ptr<ResultOutput> make_result_output(const Format format, std::ostream& out,
                                                 const Expectation& expected) {
  switch (format) {
    case Format::Json:
      return make_json_output(out, expected);
    case Format::Ndjson:
      return make_ndjson_output(out);
    case Format::Csv:
      return make_csv_output(out);
    case Format::Table:
      break;
  }
  return make_table_output(out, expected);
}

}  // namespace mplane
