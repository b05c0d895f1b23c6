#include "mplane/store/state_folder.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

using namespace mplane;
using Catch::Contains;
using mplane::test::ScratchFolder;

TEST_CASE("a state folder is made for its owner alone", "[state-folder]") {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "state";
  check_state_folder(folder);
  CHECK_FALSE(std::filesystem::exists(folder));
  make_state_folder(folder);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(folder).permissions() == perms::owner_all);
  CHECK_NOTHROW(make_state_folder(folder));
  CHECK_NOTHROW(make_state_folder(folder / ""));
}

TEST_CASE("what cannot be a state folder is refused, saying why", "[state-folder]") {
  const ScratchFolder scratch;
  const std::string file = scratch.write("file", "");
  CHECK_THROWS_WITH(check_state_folder(file), Contains(file) && Contains("is no folder"));
  CHECK_THROWS_WITH(check_state_folder(file + "/state"), Contains("Not a directory"));
  CHECK_THROWS_WITH(make_state_folder(scratch.path() / "a" / "b"),
                    Contains("cannot be made in") && Contains("No such file"));
  try {
    check_state_folder(file);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Configuration);
  }
}
