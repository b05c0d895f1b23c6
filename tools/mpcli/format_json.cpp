// Results as JSON documents; rows as JSON objects.

#include "json_value.hpp"
#include "mplane/model/json.hpp"
#include "result_output.hpp"

#include <ostream>

namespace mplane {
namespace {

class JsonResults final : public ResultOutput {
 public:
  JsonResults(std::ostream& out, const Expectation& expected)
      : out_(out), many_(expected.many || expected.components) {}

  void add(const Result& result, const std::string& component) override {
    if (many_) out_ << (empty_ ? "[\n" : ",\n");
    empty_ = false;
    out_ << export_json(result, component, !many_);
    if (!many_) out_ << '\n';
  }

  void finish() override {
    if (many_) out_ << (empty_ ? "[]\n" : "\n]\n");
    out_.flush();
  }

 private:
  std::ostream& out_;
  const bool many_;
  bool empty_ = true;
};

/// An object a row: on a line of its own, or in an array.
class ObjectRows final : public RowOutput {
 public:
  ObjectRows(std::ostream& out, const bool array) : out_(out), array_(array) {}

  void begin(const std::vector<Heading>& headings) override { headings_ = headings; }

  void row(const std::vector<Value>& values) override {
    std::string line = "{";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) line += ',';
      append_json(line, headings_[i].name);
      line += ':';
      append_json(line, values[i]);
    }
    line += '}';
    if (array_) {
      out_ << (empty_ ? "[\n" : ",\n") << line;
    } else {
      out_ << line << std::endl;
    }
    empty_ = false;
  }

  void finish() override {
    if (array_) out_ << (empty_ ? "[]\n" : "\n]\n");
    out_.flush();
  }

 private:
  std::ostream& out_;
  const bool array_;
  bool empty_ = true;
  std::vector<Heading> headings_;
};

}  // namespace

std::unique_ptr<ResultOutput> make_json_results(std::ostream& out, const Expectation& expected) {
  return std::make_unique<JsonResults>(out, expected);
}

std::unique_ptr<RowOutput> make_json_rows(std::ostream& out) {
  return std::make_unique<ObjectRows>(out, true);
}

std::unique_ptr<RowOutput> make_ndjson_rows(std::ostream& out) {
  return std::make_unique<ObjectRows>(out, false);
}

}  // namespace mplane
