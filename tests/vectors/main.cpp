// mpvectors FILE… : runs recorded vectors against this implementation (tests/vectors/README.md).

#include "comparison.hpp"
#include "expectations.hpp"
#include "mplane/model/error.hpp"
#include "vector_kind.hpp"

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Counts {
  int passed = 0;
  int failed = 0;
  int skipped = 0;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot be opened");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) throw std::runtime_error("cannot be read");
  return text;
}

Json answer_of(const VectorKind& kind, const Json& vector_case, const VectorFile& file) {
  try {
    return kind.answer(vector_case, file);
  } catch (const mplane::Error& error) {
    return Json::Object{{"raises", error.what()}};
  }
}

/// One run over files: prints what differs, and counts.
class Run {
 public:
  explicit Run(const bool verbose) : verbose_(verbose) {}

  void run_file(const std::string& path) {
    try {
      const Json json = Json::parse(read_file(path));
      const bool is_companion = json.find("capabilities") != nullptr;  // of fulfills.json
      const Json* const cases = json.find("cases");
      if (is_companion && cases == nullptr) return;
      if (cases == nullptr) throw std::runtime_error("no cases");
      for (const Json& vector_case : cases->array()) run_case(vector_case, {path, json});
    } catch (const std::exception& error) {
      fail(path, "the file", {"", "vectors", error.what()});
    }
  }

  const Counts& counts() const { return counts_; }

 private:
  void run_case(const Json& vector_case, const VectorFile& file) {
    const std::string name = name_of(vector_case);
    try {
      const VectorKind* const kind = find_kind(vector_case);
      if (kind == nullptr) throw std::runtime_error("no runner for this kind");
      const Json answer = normalized(answer_of(*kind, vector_case, file), *kind);
      if (const auto expected = expectations_.of(vector_case, *kind)) {
        judge(file.path, name, compare(*expected, answer));
      } else {
        skip(file.path, name, vector_case.at("sdk_bug").text(),
             compare(normalized(vector_case.at(kind->expected), *kind), answer));
      }
    } catch (const std::exception& error) {
      fail(file.path, name, {"", "an answer", error.what()});
    }
  }

  static std::string name_of(const Json& vector_case) {
    const Json* const name = vector_case.find("name");
    return name != nullptr && name->is_text() ? name->text() : "a case without name";
  }

  void judge(const std::string_view path, const std::string& name,
             const std::vector<Difference>& differences) {
    if (differences.empty()) {
      ++counts_.passed;
      return;
    }
    for (const Difference& difference : differences) print(path, name, difference);
    ++counts_.failed;
  }

  void fail(const std::string_view path, const std::string& name, const Difference& difference) {
    print(path, name, difference);
    ++counts_.failed;
  }

  // What was recorded does not bind us; where we differ from it is worth a look all the same.
  void skip(const std::string_view path, const std::string& name, const std::string& reason,
            const std::vector<Difference>& differences) {
    ++counts_.skipped;
    if (!verbose_) return;
    std::cout << path << ": " << name << ": skipped: " << reason << "\n";
    for (const Difference& difference : differences) print(path, name, difference);
  }

  static void print(const std::string_view path, const std::string& name,
                    const Difference& difference) {
    std::cout << path << ": " << name << ": ";
    if (!difference.path.empty()) std::cout << difference.path << ": ";
    std::cout << "expected " << difference.expected << ", got " << difference.actual << "\n";
  }

  bool verbose_;
  Expectations expectations_;
  Counts counts_;
};

int run(const std::vector<std::string>& arguments) {
  const bool verbose = !arguments.empty() && arguments[0] == "--verbose";
  const std::vector<std::string> files(arguments.begin() + (verbose ? 1 : 0), arguments.end());
  if (files.empty() || files[0].starts_with("-")) {
    std::cerr << "usage: mpvectors [--verbose] FILE…\n";
    return 2;
  }
  Run run(verbose);
  for (const std::string& file : files) run.run_file(file);
  const auto [passed, failed, skipped] = run.counts();
  if (skipped > 0) std::cout << skipped << " skipped\n";
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "mpvectors: " << error.what() << "\n";
    return 1;
  }
}
