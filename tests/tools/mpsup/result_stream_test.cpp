#include "mpsup/result_stream.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/result.hpp"
#include "support/log_book.hpp"
#include "support/sanitizers.hpp"
#include "support/scratch.hpp"
#include "tools/mpsup/few_descriptors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

const Instant kNoon = Time::parse("2026-11-22 12:00:00").instant();

KeptResult kept(const std::string& text) {
  const Capability said = Capability::measure("said")
                              .when("now ... future")
                              .result("observer.device")
                              .build(Registry::core());
  const Result result =
      Result(said.specify("now").build()).measured(kNoon, kNoon).row({{"observer.device", text}});
  return {"a", "said", text, kNoon, kNoon, encode(result), result.schema().hash()};
}

/// The same as it comes from a component: nobody has to read its text again.
KeptResult decoded(const std::string& text) {
  KeptResult one = kept(text);
  one.decoded = decode(one.message, Registry::core());
  one.message = "nobody reads this";
  return one;
}

/// Who reads from a socket, with patience for ten seconds.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path)
      : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(&address.sun_path[0], path.c_str(), path.native().size());
    REQUIRE(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) ==
            0);
    const timeval patience{10, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  ~Reader() { ::close(descriptor_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// The next line, when it begins to come within so many milliseconds, else "".
  std::string line_within(const int milliseconds) {
    pollfd coming{descriptor_, POLLIN, 0};
    return ::poll(&coming, 1, milliseconds) > 0 ? line() : "";
  }
  /// The next line without its end; "" when there is none any more.
  std::string line() {
    while (read_.find('\n') == std::string::npos) {
      std::array<char, 4096> more{};
      const ssize_t size = ::recv(descriptor_, more.data(), more.size(), 0);
      if (size <= 0) return "";
      read_.append(more.data(), static_cast<std::size_t>(size));
    }
    std::string line = read_.substr(0, read_.find('\n'));
    read_.erase(0, line.size() + 1);
    return line;
  }

 private:
  const int descriptor_;
  std::string read_;
};

/// Adds results until a reader has one of them: then it was let in.
void greet(ResultStream& stream, Reader& reader) {
  stream.add(kept("hello"));
  REQUIRE_FALSE(reader.line().empty());
}

}  // namespace

TEST_CASE("results are streamed to a file as they are exported", "[mpsup][stream]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "results.ndjson";
  for (const std::string text : {"1", "2"}) {
    ResultStream stream({{false, file}}, Registry::core(), {});
    stream.add(text == "1" ? kept(text) : decoded(text));
    stream.add({"a", "said", "x", kNoon, kNoon, R"({"exception":"x","message":"no"})"});
  }
  std::string lines;
  for (const std::string text : {"1", "2"}) {
    lines += export_json(decode_as<Result>(kept(text).message, Registry::core()), "a") + "\n";
  }
  CHECK(read_file(file) == lines);
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
}

TEST_CASE("whoever connects to a socket has what comes from then on", "[mpsup][stream]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "results.sock";
  auto stream = std::make_unique<ResultStream>(std::vector<StreamTarget>{{true, path}},
                                               Registry::core(), LogSink());
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK_THROWS_WITH(
      ResultStream({{true, path}}, Registry::core(), {}),
      Catch::Contains("another process listens there") && Catch::Contains(path.string()));
  Reader one(path);
  greet(*stream, one);
  {
    Reader two(path);
    greet(*stream, two);
    CHECK_THAT(one.line(), Catch::Contains("hello"));
  }
  stream->add(kept("after one of them left"));
  CHECK_THAT(one.line(), Catch::Contains("after one of them left"));
  stream.reset();
  CHECK(one.line().empty());
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a socket that its owner left behind is taken over", "[mpsup][stream]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "results.sock";
  const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], path.c_str(), path.native().size());
  REQUIRE(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  ::close(left);
  ResultStream stream({{true, path}}, Registry::core(), {});
  Reader reader(path);
  greet(stream, reader);
}

TEST_CASE("a reader that is too slow is cut off, the others are not", "[mpsup][stream]") {
  const ScratchFolder folder;
  LogBook log;
  const auto path = folder.path() / "results.sock";
  const auto file = folder.path() / "results.ndjson";
  constexpr int kMany = 2'000;  // of a kilobyte each, more than any socket takes
  {
    ResultStream stream({{true, path}, {false, file}}, Registry::core(), log.sink(),
                        {.for_reader = 10'000});
    Reader slow(path);
    greet(stream, slow);
    for (int i = 0; i < kMany; ++i) stream.add(kept(std::string(1'000, 'x')));
    CHECK_THAT(log.wait_for("a reader was cut off"), Catch::Contains("too slow"));
  }
  const std::string lines = read_file(file);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == kMany + 1);
}

TEST_CASE("a stream that cannot keep up says how much is in the store alone", "[mpsup][stream]") {
  const ScratchFolder folder;
  LogBook log;
  const auto file = folder.path() / "results.ndjson";
  {
    ResultStream stream({{false, file}}, Registry::core(), log.sink(), {.waiting = 0});
    stream.add(kept("1"));
  }
  CHECK(read_file(file).empty());
  CHECK_THAT(log.wait_for("faster than they can be read"), Catch::Contains("results=1"));
}

TEST_CASE("what cannot be streamed to is told at the start", "[mpsup][stream]") {
  const ScratchFolder folder;
  for (const bool is_socket : {true, false}) {
    const auto path = folder.path() / "nowhere" / "results";
    try {
      ResultStream({{is_socket, path}}, Registry::core(), {});
      FAIL("opened");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Configuration);
      CHECK(error.where() == path.string());
    }
  }
}

TEST_CASE("without free descriptors readers wait, and nobody spins", "[mpsup][stream]") {
  if (kAddressSanitizer) {  // which looks at memory through pipes of its own
    SUCCEED("the sanitizer needs descriptors");
    return;
  }
  const ScratchFolder folder;
  LogBook log;
  const auto path = folder.path() / "results.sock";
  ResultStream stream({{true, path}}, Registry::core(), log.sink());
  std::optional<FewDescriptors> few(std::in_place);
  Reader reader(path);
  CHECK_THAT(log.wait_for("no readers are let in for a moment"),
             Catch::Contains("Too many open files"));
  CHECK(load_of_this_process() < 0.5);
  few.reset();
  std::string line;
  while (line.empty()) {
    stream.add(kept("hello"));
    line = reader.line_within(100);
  }
  CHECK_THAT(line, Catch::Contains("hello"));
}

TEST_CASE("results are not streamed to what is no file", "[mpsup][stream]") {
  const ScratchFolder folder;
  const auto pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto stream = [&](const std::filesystem::path& file) {
    ResultStream({{false, file}}, Registry::core(), {});
  };
  CHECK_THROWS_WITH(stream(pipe), Catch::Contains("pipe: results cannot be streamed there: it is "
                                                  "no regular file"));
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  CHECK_THROWS_WITH(stream(pipe), Catch::Contains("it is no regular file"));
  ::close(reader);
  CHECK_THROWS_WITH(stream("/dev/null"), Catch::Contains("it is no regular file"));
}

TEST_CASE("what is kept is summed up on the stream's thread", "[mpsup][stream]") {
  ResultSummaries summaries;
  {
    ResultStream stream({}, Registry::core(), {}, {}, &summaries);
    const Capability ping = Capability::measure("ping")
                                .when("now ... future")
                                .result("delay.twoway.icmp.count")
                                .build(Registry::core());
    const Result result = Result(ping.specify("now").build())
                              .measured(kNoon, kNoon)
                              .row({{"delay.twoway.icmp.count", std::uint64_t{7}}});
    stream.add({"a", "ping", "t", kNoon, kNoon, encode(result), result.schema().hash()});
    stream.add({"a", "ping", "t", kNoon, kNoon, R"({"exception":"t","message":"no"})"});
  }
  MetricsPage page;
  summaries.write(page);
  CHECK_THAT(page.text(), Catch::Contains("mplane_result_value_sum") && Catch::Contains("} 7\n"));
}
