#include "strptime_pair.hpp"

#include <ctime>
#include <stdexcept>
#include <time.h>  // strptime, timegm: POSIX and GNU, not in <ctime>

namespace yardstick {
namespace {

std::time_t seconds(const char* const text) {
  std::tm fields{};
  if (strptime(text, "%Y-%m-%d %H:%M:%S", &fields) == nullptr) {
    throw std::runtime_error("the yardstick was fed what is no timestamp");
  }
  return timegm(&fields);
}

}  // namespace

long long strptime_pair(const std::string& text) {
  const std::size_t second = text.find(" ... ") + 5;
  return seconds(text.c_str() + second) - seconds(text.c_str());
}

}  // namespace yardstick
