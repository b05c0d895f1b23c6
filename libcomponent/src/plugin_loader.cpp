#include "mplane/component/plugin_loader.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/plugin.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mplane {
namespace {

namespace fs = std::filesystem;

using SettingsMap = std::map<std::string, std::string, std::less<>>;

[[noreturn]] void refuse(std::string why) {
  throw Error(ErrorKind::Configuration, "", std::move(why));
}

/// Whoever can write there could run what he likes as us.
void check_owner(const fs::path& path, const mode_t writable) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) refuse(path.string() + ": " + std::strerror(errno));
  const bool trusted = status.st_uid == 0 || status.st_uid == ::geteuid();
  if (!trusted || (status.st_mode & writable) != 0) {
    refuse(path.string() +
           " can be changed by others: only its owner, root or us, may write to it");
  }
}

mplane_plugin_open_function* open_library(const fs::path& library) {
  void* const handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) refuse(std::string("it cannot be loaded: ") + ::dlerror());
  void* const symbol = ::dlsym(handle, "mplane_plugin_open");
  if (symbol == nullptr) refuse("it is no module: it has no function mplane_plugin_open");
  return reinterpret_cast<mplane_plugin_open_function*>(symbol);
}

void append_text(std::string& out, const std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// All that a registry knows, also by inclusion, without the descriptions.
std::string to_json(const Registry& registry) {
  std::string out = R"({"registry-format":"mplane-0","registry-uri":)";
  append_text(out, registry.uri());
  out += R"(,"registry-revision":)" + std::to_string(registry.revision()) + R"(,"elements":[)";
  for (const Element& element : registry.elements()) {
    if (&element != registry.elements().data()) out += ',';
    out += R"({"name":)";
    append_text(out, element.name());
    out += R"(,"prim":")" + std::string(to_string(element.primitive())) + R"("})";
  }
  return out + "]}";
}

/// Texts, and the null-terminated list of pointers to them that C has instead.
class TextList {
 public:
  void add(std::string text) { texts_.push_back(std::move(text)); }
  const char* const* data() {
    for (const std::string& text : texts_) pointers_.push_back(text.c_str());
    pointers_.push_back(nullptr);
    return pointers_.data();
  }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

void log_for(void* const self, const int severity, const char* const message) noexcept {
  const auto& sink = *static_cast<const LogSink*>(self);
  log(sink, {.severity = static_cast<Severity>(severity < 0   ? 0
                                               : severity > 3 ? 3
                                                              : severity),
             .component = "module",
             .message = message});
}

/// A module that was opened; told to end when the last of its services goes. Thread-safe.
class LoadedPlugin {
 public:
  LoadedPlugin(const fs::path& library, const Registry& registry, const SettingsMap& settings,
               LogSink log)
      : name_(library.filename().string()), registry_(registry), log_(std::move(log)) {
    open(open_library(library), settings);
  }
  ~LoadedPlugin() {
    const bool is_known = plugin_.abi == MPLANE_PLUGIN_ABI && plugin_.size >= sizeof plugin_;
    if (opened_ && is_known && plugin_.destroy != nullptr) plugin_.destroy(plugin_.self);
  }
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  /// @throws Error when it was built against another version, or badly.
  void check_interface() const {
    if (plugin_.abi != MPLANE_PLUGIN_ABI) {
      refuse("it was built for version " + std::to_string(plugin_.abi) +
             " of the modules' interface, this program has " + std::to_string(MPLANE_PLUGIN_ABI));
    }
    if (plugin_.size < sizeof plugin_ || plugin_.capabilities == nullptr ||
        plugin_.run == nullptr) {
      refuse("it does not fill in what a module has to");
    }
  }

  std::vector<Capability> capabilities() const {
    std::vector<Capability> capabilities;
    for (const char* const* text = plugin_.capabilities; *text != nullptr; ++text) {
      try {
        capabilities.push_back(decode_as<Capability>(*text, registry_));
      } catch (const Error& error) {
        refuse(std::string("it offers what is no capability: ") + error.what());
      }
    }
    return capabilities;
  }

  Result run(const Specification& specification, const std::stop_token& stop) const;

 private:
  void open(mplane_plugin_open_function* const entry, const SettingsMap& settings) {
    TextList pairs;
    for (const auto& [name, text] : settings) {
      pairs.add(name);
      pairs.add(text);
    }
    TextList registries;
    registries.add(to_json(registry_));
    for (const Registry& other : registry_.others()) registries.add(to_json(other));
    const mplane_host host{sizeof host, pairs.data(), registries.data(), &log_, log_for};
    std::array<char, 512> error{};
    const int failed = entry(MPLANE_PLUGIN_ABI, &host, &plugin_, error.data(), error.size());
    error.back() = '\0';
    opened_ = failed == 0;
    if (!opened_) refuse("it refuses: " + std::string(error.data()));
  }

  const std::string name_;
  const Registry registry_;
  LogSink log_;
  mplane_plugin plugin_{};
  bool opened_ = false;
};

/// One run, as the module sees it.
struct Job {
  std::stop_token stop;
  std::optional<std::string> message = {};

  static int stopped(void* const self) noexcept {
    return static_cast<const Job*>(self)->stop.stop_requested() ? 1 : 0;
  }
  static void emit(void* const self, const char* const text, const std::size_t size) noexcept {
    auto& message = static_cast<Job*>(self)->message;
    if (!message) message.emplace(text, size);
  }
};

Result LoadedPlugin::run(const Specification& specification, const std::stop_token& stop) const {
  Job job{stop};
  const mplane_job border{sizeof border, &job, Job::stopped, Job::emit};
  const std::string text = encode(specification);
  int failed = 0;
  {
    const std::stop_callback tell(stop, [&] {
      if (plugin_.stop != nullptr) plugin_.stop(plugin_.self, &border);
    });
    failed = plugin_.run(plugin_.self, text.data(), text.size(), &border);
  }
  if (failed != 0 || !job.message) {
    throw Error(ErrorKind::Failed, "", "the module " + name_ + " gave no result");
  }
  const Message message = decode(*job.message, registry_);
  if (const auto* const exception = message.find<Exception>()) {
    throw Error(ErrorKind::Failed, "", exception->message());
  }
  const auto* const result = message.find<Result>();
  if (result == nullptr) {
    throw Error(ErrorKind::Failed, "", "the module " + name_ + " answered with no result");
  }
  return Result(specification).measured(result->when()).rows_from(*result);
}

}  // namespace

std::vector<Service> load_plugin(const fs::path& file, const Registry& registry,
                                 const SettingsMap& settings, const LogSink& log) {
  std::error_code failed;
  const fs::path library = fs::canonical(file, failed);  // what is checked is what is loaded
  if (failed) refuse(file.string() + ": " + failed.message());
  check_owner(library, S_IWGRP | S_IWOTH);
  check_owner(library.parent_path(), S_IWOTH);
  const auto plugin = std::make_shared<const LoadedPlugin>(library, registry, settings, log);
  plugin->check_interface();
  std::vector<Service> services;
  for (Capability& capability : plugin->capabilities()) {
    services.push_back(
        {.capability = std::move(capability),
         .run = Run([plugin](const Specification& specification, std::stop_token stop) {
           return plugin->run(specification, stop);
         })});
  }
  return services;
}

}  // namespace mplane
