#pragma once

#include "mplane/model/result.hpp"
#include "mplane/store/result_store.hpp"
#include "mplane/tools/text.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace mplane {

/// Writes results as a table for people, a line a row, page by page so that however many there are
/// take little memory. One thread at a time.
class ResultTable {
 public:
  static constexpr std::size_t kPage = 500;  ///< lines whose columns are equally wide

  explicit ResultTable(std::ostream& out) : out_(out) {}

  void add(const KeptResult& kept, const Result& result);
  /// Writes what is left. To be called once, at the end.
  void finish();

 private:
  void line(const std::vector<std::string>& cells);
  void flush();

  std::ostream& out_;
  TextTable page_ = empty();
  bool has_begun_ = false;

  static TextTable empty();
};

}  // namespace mplane
