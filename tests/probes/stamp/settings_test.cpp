#include "mplane/probes/stamp/settings.hpp"

#include "mplane/model/error.hpp"
#include "support/scratch.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <sys/stat.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Settings = std::map<std::string, std::string, std::less<>>;

std::string key_file(const ScratchFolder& folder, const std::string& content,
                     std::filesystem::perms rights = std::filesystem::perms::owner_read) {
  const std::string file = folder.write("stamp.key", content);
  std::filesystem::permissions(file, rights);
  return file;
}

/// The setting that is complained about, and the words.
std::string refusal(const Settings& settings) {
  try {
    parse_stamp_settings(settings);
  } catch (const Error& error) {
    return error.where() + ": " + error.message();
  }
  return "taken";
}

}  // namespace

TEST_CASE("an operator's settings for STAMP are read", "[stamp]") {
  const auto usual = parse_stamp_settings({});
  CHECK(usual.port == 862);
  CHECK(usual.reflect);
  CHECK(usual.wait == 1s);
  CHECK_FALSE(usual.authenticated);
  const auto read = parse_stamp_settings({{"wait", "300ms"},
                                          {"train-packets", "50"},
                                          {"train-interval", "1ms"},
                                          {"port", "4862"},
                                          {"reflect", "false"},
                                          {"max-sessions", "7"},
                                          {"max-sessions-per-host", "3"},
                                          {"session-timeout", "1m"},
                                          {"max-rate", "100"}});
  CHECK(read.wait == 300ms);
  CHECK(read.train_packets == 50);
  CHECK(read.train_interval == 1ms);
  CHECK(read.port == 4862);
  CHECK_FALSE(read.reflect);
  CHECK(read.max_sessions == 7);
  CHECK(read.max_sessions_per_host == 3);
  CHECK(read.session_timeout == 1min);
  CHECK(read.max_rate == 100);
}

TEST_CASE("the key is read from a file of its own", "[stamp]") {
  const ScratchFolder folder;
  const auto file = key_file(folder, "6120206b6579206f66207369787465656e\n");
  const auto read = parse_stamp_settings({{"key-file", file}});
  REQUIRE(read.authenticated);
  CHECK(read.authenticated->mode() == StampMode::Authenticated);
  const std::string key = "a  key of sixteen";
  const StampWire same({key.begin(), key.end()});
  StampWire::Packet packet{};
  same.encode(StampRequest{.sequence = 3}, packet);
  CHECK(read.authenticated->decode_request(packet));
}

TEST_CASE("a key that is none, or no secret, is refused", "[stamp]") {
  using Catch::Matchers::Contains;
  const ScratchFolder folder;
  const std::string good(32, 'a');
  const auto said = [&](const std::string& content,
                        std::filesystem::perms rights = std::filesystem::perms::owner_read) {
    return refusal({{"key-file", key_file(folder, content, rights)}});
  };
  CHECK(said(good) == "taken");
  CHECK_THAT(said(good.substr(1)), Contains("key-file: ") && Contains("32 to 256"));
  CHECK_THAT(said(good + "a"), Contains("an even number"));
  CHECK_THAT(said(std::string(258, 'a')), Contains("32 to 256"));
  CHECK_THAT(said(std::string(31, 'a') + "g"), Contains("something else"));
  CHECK_THAT(said(""), Contains("32 to 256"));
  CHECK(said(good + "\n") == "taken");
  CHECK(said(std::string(256, 'A') + "\n") == "taken");
  for (const std::string behind : {" ", "\n\n", "\nff", " # of the lab", "\r\n"}) {
    CHECK_THAT(said(good + behind), Contains("something else"));
  }
  CHECK_THAT(said(" " + good), Contains("something else"));
  CHECK_THAT(said(std::string(256, 'a') + "\n" + std::string(1'000, 'b')),
             Contains("something else"));
  CHECK_THAT(said(std::string(100'000, 'a')), Contains("32 to 256"));
  CHECK_THAT(said(good, std::filesystem::perms(0640)), Contains("chmod 600"));
  CHECK_THAT(refusal({{"key-file", "/nowhere/stamp.key"}}),
             Contains("cannot be read: No such file or directory"));
  CHECK_THAT(refusal({{"key-file", folder.path().string()}}), Contains("is no file"));
  const std::string pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(refusal({{"key-file", pipe}}), Contains("is no file"));  // nor is it waited for
}

TEST_CASE("settings that are wrong are named", "[stamp]") {
  using Catch::Matchers::StartsWith;
  for (const auto& [name, text] : Settings{{"port", "0"},
                                           {"port ", "1"},
                                           {"max-rate", "none"},
                                           {"reflect", "maybe"},
                                           {"wait", "1ms"},
                                           {"train-interval", "10us"},
                                           {"max-sessions", "0"},
                                           {"key", "00"}}) {
    CHECK_THAT(refusal({{name, text}}), StartsWith(name + ": "));
  }
}
