#include "bench.hpp"

#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <malloc.h>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
#include <unistd.h>

namespace bench {

namespace {

std::string proc(std::optional<int> pid, const char* file) {
  const std::string path = "/proc/" + (pid ? std::to_string(*pid) : "self") + "/" + file;
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty()) throw std::runtime_error(path + " cannot be read");
  return text;
}

}  // namespace

double resident_memory(std::optional<int> pid, bool anonymous) {
  const std::string key = anonymous ? "RssAnon:" : "VmRSS:";
  std::istringstream lines(proc(pid, "status"));
  for (std::string word; lines >> word;) {
    double kibibytes = 0;
    if (word == key && lines >> kibibytes) return kibibytes * 1024;
  }
  throw std::runtime_error("/proc has no " + key);
}

void release_memory() {
  ::malloc_trim(0);
  // Of programs that are linked with jemalloc; the others do not know it.
  using Control = int (*)(const char*, void*, std::size_t*, void*, std::size_t);
  const auto control = reinterpret_cast<Control>(::dlsym(RTLD_DEFAULT, "mallctl"));
  if (control == nullptr) return;
  control("thread.tcache.flush", nullptr, nullptr, nullptr, 0);
  control("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // MALLCTL_ARENAS_ALL
}

double processor_time(std::optional<int> pid) {
  const std::string text = proc(pid, "stat");
  // The name of the program, in parentheses, may hold spaces; after it user and system time are the
  // 12th and 13th fields (proc(5)).
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  if (!(fields >> user >> system)) throw std::runtime_error("/proc/PID/stat is too short");
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void raise_file_limit() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace bench
