#include "mplane/model/when.hpp"

namespace mplane {

std::string to_string(const When& when) {
  std::string text;
  append(text, when);
  return text;
}

void append(std::string& out, const When& when) {
  if (when.repeated_) out += "repeat ";
  append(out, when.start_);
  if (when.end_) {
    out += " ... ";
    append(out, *when.end_);
  } else if (when.duration_) {
    out += " + ";
    append(out, *when.duration_);
  }
  if (when.period_) {
    out += " / ";
    append(out, *when.period_);
  }
  if (when.crontab_) {
    out += " cron ";
    append(out, *when.crontab_);
  }
  if (!when.inner_duration_) return;  // an inner scope of plain now is not written
  out += " { ";
  append(out, when.inner());
  out += " }";
}

}  // namespace mplane
