#include "collect_config.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/session/url.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

/// A file to which lines are appended, whole or not at all as far as the system can tell. Opened
/// for each, so that it may be moved away meanwhile. Thread-safe.
class LineFile {
 public:
  explicit LineFile(std::filesystem::path file) : file_(std::move(file)) {}

  /// @throws Error{Unavailable} when it cannot be written.
  void append(const std::string& line) {
    const std::lock_guard lock(mutex_);
    constexpr int kHow = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
    const int descriptor = ::open(file_.c_str(), kHow, 0600);
    const ssize_t written = descriptor < 0 ? -1 : ::write(descriptor, line.data(), line.size());
    const bool is_whole = written == static_cast<ssize_t>(line.size());
    const int why = written < 0 ? errno : ENOSPC;
    if (written > 0 && !is_whole) take_back(descriptor, written);
    if (descriptor >= 0) ::close(descriptor);
    if (is_whole) return;
    throw Error(ErrorKind::Unavailable, "",
                "the result cannot be kept: " + std::generic_category().message(why));
  }

 private:
  /// Half a line would spoil the next one, too.
  static void take_back(const int descriptor, const ssize_t written) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) return;
    [[maybe_unused]] const int failed = ::ftruncate(descriptor, status.st_size - written);
  }

  const std::filesystem::path file_;
  std::mutex mutex_;
};

Capability read_capability(const Registry& registry, ConfigSection& section) {
  CapabilityBuilder builder = Capability::collect(section.text("label")).when("past ... future");
  for (const auto& [element, entry] : section.table("parameters")) {
    std::string constraint;
    for (const std::string& text : entry.texts)
      constraint += (constraint.empty() ? "" : ",") + text;
    builder = std::move(builder).parameter(element, constraint);
  }
  for (const std::string& element : section.texts("results")) {
    builder = std::move(builder).result(element);
  }
  const std::string link = section.text("link");
  if (!link.empty()) builder = std::move(builder).link(to_string(Url::parse(link)));
  return std::move(builder).build(registry);
}

}  // namespace

std::vector<Collection> read_collect(const Registry& registry, ConfigSection& section) {
  const std::size_t mistakes_before = section.mistakes();
  const std::filesystem::path file = section.path("file");
  for (const char* const key : {"label", "results", "file"}) {
    if (!section.has(key)) section.mistake(key, "'" + std::string(key) + "' is missing");
  }
  std::vector<Collection> collections;
  section.attempt("label", [&] {
    const auto lines = std::make_shared<LineFile>(file);
    collections.push_back(
        {read_capability(registry, section),
         [lines](const Identity& from, const Result& result, const Component::Collected& done) {
           lines->append(export_json(result, from.text()) + "\n");
           done({});
         }});
  });
  section.refuse_others();
  if (section.mistakes() != mistakes_before) collections.clear();
  return collections;
}

}  // namespace mplane
