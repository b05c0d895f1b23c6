#include "mplane/probes/stamp/settings.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probes/common/settings_reader.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace mplane {
namespace {

constexpr const char* kKeyFile = "key-file";

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw Error(ErrorKind::Configuration, kKeyFile, quoted(file) + " " + why);
}

constexpr std::size_t kShortest = 32;  // digits
constexpr std::size_t kLongest = 256;

std::vector<std::uint8_t> octets_of(const std::string& file, std::string_view digits) {
  std::vector<std::uint8_t> key;
  if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
    refuse(file, "holds something else than hexadecimal digits and a newline behind them");
  }
  if (digits.size() < kShortest || digits.size() > kLongest || digits.size() % 2 != 0) {
    refuse(file, "does not hold 32 to 256 hexadecimal digits, an even number");
  }
  for (std::size_t n = 0; n < digits.size(); n += 2) {
    std::uint8_t octet = 0;
    std::from_chars(digits.data() + n, digits.data() + n + 2, octet, 16);
    key.push_back(octet);
  }
  return key;
}

StampWire read_key(const std::string& file) {
  // What is looked at is what is read, whatever the name stands for by then; no pipe is waited for.
  const FileDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (!opened || ::fstat(opened.number(), &status) != 0) {
    refuse(file, std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) refuse(file, "is no file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    refuse(file, "may be used by others than its owner; chmod 600");
  }
  std::array<char, kLongest + 3> content{};  // enough to see that there is too much
  const auto size = ::read(opened.number(), content.data(), content.size());
  if (size < 0) refuse(file, std::string("cannot be read: ") + std::strerror(errno));
  std::string_view digits(content.data(), static_cast<std::size_t>(size));
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  return StampWire(octets_of(file, digits));
}

}  // namespace

StampSettings parse_stamp_settings(
    const std::map<std::string, std::string, std::less<>>& settings) {
  using std::chrono::hours, std::chrono::milliseconds, std::chrono::seconds;
  constexpr auto kMany = std::numeric_limits<std::uint32_t>::max();
  SettingsReader reader("stamp", settings);
  StampSettings read;
  const auto number = [&](std::string_view key, std::uint64_t otherwise, std::uint64_t most) {
    return static_cast<std::uint32_t>(reader.number(key, otherwise, 1, most));
  };
  read.wait = reader.time("wait", read.wait, milliseconds(100), hours(1));
  read.train_packets = number("train-packets", read.train_packets, 1'000'000);
  read.train_interval =
      reader.time("train-interval", read.train_interval, milliseconds(1), hours(1));
  read.reflect = reader.flag("reflect", read.reflect);
  read.port = static_cast<std::uint16_t>(number("port", read.port, 65'535));
  read.max_sessions = number("max-sessions", read.max_sessions, 1'000'000);
  read.max_sessions_per_host =
      number("max-sessions-per-host", read.max_sessions_per_host, 1'000'000);
  read.session_timeout =
      reader.time("session-timeout", read.session_timeout, seconds(1), hours(24));
  read.max_rate = number("max-rate", read.max_rate, kMany);
  if (const auto file = reader.text(kKeyFile)) read.authenticated = read_key(*file);
  reader.finish();
  return read;
}

}  // namespace mplane
