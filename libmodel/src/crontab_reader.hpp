#pragma once

#include "mplane/model/crontab.hpp"
#include "scanner.hpp"

namespace mplane {

/// The grammar of a crontab: reads the six fields at the front of a text.
class CrontabReader {
 public:
  static Crontab read(detail::Scanner& scanner);
};

}  // namespace mplane
