#include "support/log_book.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace mplane::test {
namespace {

std::string line_of(const LogRecord& record) {
  constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
  std::string line(kNames.at(static_cast<std::size_t>(record.severity)));
  line += " " + std::string(record.component) + ": " + record.message;
  for (const auto& [key, value] : record.fields) line += " " + std::string(key) + "=" + value;
  return line;
}

}  // namespace

LogSink LogBook::sink() {
  return [this](const LogRecord& record) {
    {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line_of(record));
    }
    changed_.notify_all();
  };
}

std::string LogBook::wait_for(std::string_view text, std::string_view also) const {
  const auto matches = [&](const std::string& line) {
    return line.find(text) != std::string::npos && line.find(also) != std::string::npos;
  };
  std::unique_lock lock(mutex_);
  auto found = lines_.cend();
  changed_.wait_for(lock, std::chrono::seconds(10), [&] {
    found = std::find_if(lines_.cbegin(), lines_.cend(), matches);
    return found != lines_.cend();
  });
  return found == lines_.cend() ? std::string() : *found;
}

std::vector<std::string> LogBook::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

}  // namespace mplane::test
