#include "rows.hpp"

#include "mplane/model/error.hpp"

#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace mplane {
namespace {

bool is_set(const char* const name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool can_colour() {
  const char* const terminal = std::getenv("TERM");
  return !is_set("NO_COLOR") && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Screen screen_of_output() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1) return {};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return {known ? size.ws_col : std::size_t{0}, can_colour()};
}

std::unique_ptr<RowOutput> make_row_output(const Format format, std::ostream& out,
                                           const Screen& screen) {
  switch (format) {
    case Format::Json:
      return make_json_rows(out);
    case Format::Ndjson:
      return make_ndjson_rows(out);
    case Format::Csv:
      return make_csv_rows(out);
    case Format::Prometheus:
      throw Error(ErrorKind::Configuration, "--format",
                  "prometheus is for results, which have numbers");
    case Format::Table:
      break;
  }
  return make_table_rows(out, screen);
}

}  // namespace mplane
