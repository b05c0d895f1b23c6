#include "mpsup/control_socket.hpp"

#include "mplane/model/error.hpp"
#include "support/log_book.hpp"
#include "support/sanitizers.hpp"
#include "support/scratch.hpp"
#include "tools/mpsup/few_descriptors.hpp"

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

std::filesystem::path file_in(const ScratchFolder& folder) { return folder.path() / "c.sock"; }

ErrorKind kind_of_asking(const std::filesystem::path& file, const std::string& question) {
  try {
    ask_control_socket(file, question);
  } catch (const Error& error) {
    return error.kind();
  }
  throw std::logic_error("there was no error");
}

}  // namespace

TEST_CASE("a question at the control socket is answered", "[mpsup][control]") {
  const ScratchFolder folder;
  LogBook log;
  const ControlSocket socket(
      file_in(folder), [](const std::string& question) { return "you said " + question; },
      log.sink());
  const std::string long_one(ControlSocket::kLongestQuestion, 'x');
  CHECK(ask_control_socket(file_in(folder), "hello") == "you said hello");
  CHECK(ask_control_socket(file_in(folder), long_one) == "you said " + long_one);
  CHECK(kind_of_asking(file_in(folder), long_one + "x") == ErrorKind::Failed);
  CHECK(ask_control_socket(file_in(folder), "") == "you said ");
}

TEST_CASE("what cannot be answered says why", "[mpsup][control]") {
  const ScratchFolder folder;
  const ControlSocket socket(file_in(folder),
                             [](const std::string&) -> std::string {
                               throw Error(ErrorKind::Malformed, "", "what is that?");
                             },
                             {});
  CHECK_THROWS_WITH(ask_control_socket(file_in(folder), "x"), Catch::Contains("what is that?"));
}

TEST_CASE("only its owner can connect to the control socket", "[mpsup][control]") {
  const ScratchFolder folder;
  LogBook log;
  const ControlSocket socket(
      file_in(folder), [](const std::string&) { return "secret"; }, log.sink());
  struct stat there {};
  REQUIRE(::stat(file_in(folder).c_str(), &there) == 0);
  CHECK((there.st_mode & 0777U) == 0600U);
  if (::geteuid() != 0) return;  // who may not become another cannot try as another
  REQUIRE(::chmod(file_in(folder).c_str(), 0666) == 0);  // the kernel's word still counts
  REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
  const pid_t other = ::fork();
  if (other == 0) {
    constexpr uid_t kNobody = 65534;
    int code = 3;
    try {
      if (::setuid(kNobody) == 0) {
        code = ask_control_socket(file_in(folder), "x").find("secret") == std::string::npos ? 2 : 1;
      }
    } catch (const Error&) {
      code = 0;
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(other, &status, 0) == other);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK_FALSE(log.wait_for("a question is not answered", "somebody else").empty());
  CHECK(ask_control_socket(file_in(folder), "x") == "secret");
}

TEST_CASE("a control socket that was left behind is replaced, one in use is not",
          "[mpsup][control]") {
  const ScratchFolder folder;
  const auto answer = [](const std::string&) { return "here"; };
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    file_in(folder).string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int left_behind = ::socket(AF_UNIX, SOCK_STREAM, 0);
    REQUIRE(::bind(left_behind, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    ::close(left_behind);
  }
  {
    const ControlSocket socket(file_in(folder), answer, {});
    CHECK(ask_control_socket(file_in(folder), "") == "here");
    CHECK_THROWS_AS(ControlSocket(file_in(folder), answer, {}), Error);
  }
  CHECK_FALSE(std::filesystem::exists(file_in(folder)));
  CHECK(kind_of_asking(file_in(folder), "") == ErrorKind::Unreachable);
  CHECK_THROWS_AS(ControlSocket(folder.path() / std::string(200, 'x'), answer, {}), Error);
}

TEST_CASE("who connects and says nothing keeps nobody else from an answer for long",
          "[mpsup][control]") {
  const ScratchFolder folder;
  const ControlSocket socket(file_in(folder), [](const std::string&) { return "here"; }, {});
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  file_in(folder).string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int silent = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::connect(silent, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  CHECK(ask_control_socket(file_in(folder), "") == "here");
  ::close(silent);
}

TEST_CASE("without free descriptors who asks waits, and nobody spins", "[mpsup][control]") {
  if (kAddressSanitizer) {  // which looks at memory through pipes of its own
    SUCCEED("the sanitizer needs descriptors");
    return;
  }
  const ScratchFolder folder;
  LogBook log;
  const ControlSocket socket(
      file_in(folder), [](const std::string&) { return "here"; }, log.sink());
  std::optional<FewDescriptors> few(std::in_place);
  auto answer =
      std::async(std::launch::async, [&] { return ask_control_socket(file_in(folder), ""); });
  CHECK_THAT(log.wait_for("nobody can ask for a moment"), Catch::Contains("Too many open files"));
  CHECK(load_of_this_process() < 0.5);
  few.reset();
  CHECK(answer.get() == "here");
  CHECK(log.lines().size() == 1);
}
