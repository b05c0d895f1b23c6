#pragma once

#include "mplane/model/primitive.hpp"
#include "mplane/model/value.hpp"
#include "options.hpp"

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace mplane {

/// The terminal that a table is for.
struct Screen {
  std::size_t width = 0;  ///< in characters; 0 is any
  bool colour = false;    ///< headings stand out
};

/// What standard output is. Colour is for terminals, and not where NO_COLOR is set.
Screen screen_of_output();

/// One column of what is written.
struct Heading {
  std::string name;
  Primitive primitive = Primitive::String;
};

/// Writes rows that have one shape: the same columns in each format.
class RowOutput {
 public:
  RowOutput() = default;
  RowOutput(const RowOutput&) = delete;
  RowOutput& operator=(const RowOutput&) = delete;
  virtual ~RowOutput() = default;

  /// Once, before the rows.
  virtual void begin(const std::vector<Heading>& headings) = 0;
  /// As many values as there are headings. Formats of one row a line write it at once.
  virtual void row(const std::vector<Value>& values) = 0;
  /// There are no more.
  virtual void finish() = 0;
};

/// Any format but prometheus, which has no rows. @throws Error{Configuration} for that.
std::unique_ptr<RowOutput> make_row_output(Format format, std::ostream& out, const Screen& screen);

// The formats; make_row_output chooses one.
std::unique_ptr<RowOutput> make_table_rows(std::ostream& out, const Screen& screen);
std::unique_ptr<RowOutput> make_json_rows(std::ostream& out);  ///< an array
std::unique_ptr<RowOutput> make_ndjson_rows(std::ostream& out);
std::unique_ptr<RowOutput> make_csv_rows(std::ostream& out);

}  // namespace mplane
