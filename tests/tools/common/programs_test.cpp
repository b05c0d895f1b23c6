#include "mplane/model/error.hpp"
#include "mplane/tools/log_output.hpp"
#include "mplane/tools/run_main.hpp"
#include "support/scratch.hpp"

#include <stdexcept>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::ScratchFolder;

namespace {

/// What a step writes to standard error.
template <typename Step>
std::string standard_error_of(Step step) {
  const ScratchFolder folder;
  const std::string file = folder.write("err", "");
  const int before = dup(2);
  FILE* const target = std::fopen(file.c_str(), "w");
  dup2(fileno(target), 2);
  step();
  std::fflush(stderr);
  dup2(before, 2);
  close(before);
  std::fclose(target);
  return test::read_file(file);
}

}  // namespace

TEST_CASE("what a program cannot do becomes a sentence and an exit code") {
  struct Row {
    ErrorKind kind;
    int code;
  };
  for (const Row& row :
       {Row{ErrorKind::Configuration, 2}, Row{ErrorKind::Refused, 3}, Row{ErrorKind::TimedOut, 4},
        Row{ErrorKind::Unreachable, 5}, Row{ErrorKind::Internal, 1}}) {
    int code = -1;
    const std::string said = standard_error_of([&] {
      code = run_main("prog", [&]() -> int { throw Error(row.kind, "there", "it fails"); });
    });
    CHECK(code == row.code);
    CHECK(said == "prog: there: it fails\n");
  }
}

TEST_CASE("an exception that is none of ours ends a program with 1") {
  int code = -1;
  const std::string said = standard_error_of(
      [&] { code = run_main("prog", []() -> int { throw std::runtime_error("a\nb"); }); });
  CHECK(code == 1);
  CHECK(said == "prog: a\nprog: b\n");
  CHECK(run_main("prog", [] { return 6; }) == 6);
}

TEST_CASE("the log writes a line a record, whatever is in it") {
  const LogRecord record{Severity::Warning,
                         "listener",
                         "connection refused",
                         {{"peer", "192.0.2.1:4711"}, {"reason", "no \"certificate\"\nforged=1"}}};
  const std::string said = standard_error_of([&] {
    const LogSink sink = LogOutput({}).sink();
    sink(record);
    sink({Severity::Debug, "listener", "nobody reads this", {}});
  });
  REQUIRE(said.size() > 28);
  CHECK(said.substr(27) ==
        " warning listener: connection refused peer=192.0.2.1:4711 "
        "reason=\"no \\\"certificate\\\"\\nforged=1\"\n");
}

TEST_CASE("the log writes JSON if asked for") {
  const std::string said = standard_error_of([&] {
    const LogSink sink = LogOutput({Severity::Debug, LogFormat::Json}).sink();
    sink({Severity::Debug, "listener", "a \"quoted\" word", {{"empty", ""}}});
  });
  CHECK(said.substr(0, 9) == R"({"time":")");
  CHECK(said.substr(36) ==
        R"(","level":"debug","component":"listener","message":"a \"quoted\" word","empty":""})"
        "\n");
}
