// Results as JSON: one document, or an object a row.

#include "json_value.hpp"
#include "mplane/model/json.hpp"
#include "result_output.hpp"

#include <ostream>

namespace mplane {
namespace {

class JsonOutput final : public ResultOutput {
 public:
  JsonOutput(std::ostream& out, const Expectation& expected) : out_(out), many_(expected.many) {}

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

class NdjsonOutput final : public ResultOutput {
 public:
  explicit NdjsonOutput(std::ostream& out) : out_(out) {}

  void add(const Result& result, const std::string&) override {
    const auto elements = result.schema().columns();
    std::string line;
    for (std::size_t row = 0; row < result.row_count(); ++row) {
      line = "{";
      for (std::size_t i = 0; i < elements.size(); ++i) {
        if (i > 0) line += ',';
        append_json(line, elements[i]->name());
        line += ':';
        append_json(line, result.columns()[i].value(row));
      }
      out_ << line << "}\n";
    }
    out_.flush();
  }

  void finish() override {}

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<ResultOutput> make_json_output(std::ostream& out, const Expectation& expected) {
  return std::make_unique<JsonOutput>(out, expected);
}

std::unique_ptr<ResultOutput> make_ndjson_output(std::ostream& out) {
  return std::make_unique<NdjsonOutput>(out);
}

}  // namespace mplane
