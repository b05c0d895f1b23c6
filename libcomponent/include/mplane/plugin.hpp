#pragma once

// A module in a shared object: a function from settings to services, and one line behind it.
//
//     std::vector<mplane::Service> make_load(const mplane::Registry&, const
//     mplane::PluginSettings&); MPLANE_PLUGIN(make_load)
//
// Build it as a MODULE library that links mplane::model and mplane::scheduler; it brings its own
// copy of both, so that only plugin.h has to agree with the component that loads it.

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/plugin.h"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/service.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mplane {

/// What an operator wrote below a module's `settings`: text by name.
using PluginSettings = std::map<std::string, std::string, std::less<>>;

namespace detail {

/// The module's side of the border. Thread-safe.
class Plugin {
 public:
  Plugin(Registry registry, std::vector<Service> services)
      : registry_(std::move(registry)), services_(std::move(services)) {
    for (const Service& service : services_) texts_.push_back(encode(service.capability));
    for (const std::string& text : texts_) capabilities_.push_back(text.c_str());
    capabilities_.push_back(nullptr);
  }

  /// Opens it; what `make` throws becomes the sentence.
  template <typename Make>
  static int open(const std::uint32_t host_abi, const mplane_host& host, mplane_plugin& out,
                  const std::pair<char*, std::size_t> error, const Make& make) noexcept {
    out.abi = MPLANE_PLUGIN_ABI;
    out.size = sizeof out;
    std::string why;
    try {
      if (host_abi != MPLANE_PLUGIN_ABI) {
        throw Error(ErrorKind::Configuration, "",
                    "it was built for version " + std::to_string(MPLANE_PLUGIN_ABI) +
                        " of the modules' interface, the component has " +
                        std::to_string(host_abi));
      }
      Registry registry = registries_of(host);
      auto services = make(registry, settings_of(host));
      auto plugin = std::make_unique<Plugin>(std::move(registry), std::move(services));
      plugin->fill(out);
      out.self = plugin.release();  // until destroy
      return 0;
    } catch (const std::exception& thrown) {
      why = thrown.what();
    } catch (...) {
      why = "it failed with something that is no std::exception";
    }
    const std::size_t length = std::min(why.size(), error.second - 1);
    std::memcpy(error.first, why.data(), length);
    error.first[length] = '\0';
    return 1;
  }

 private:
  static Registry registries_of(const mplane_host& host) {
    Registry registry = Registry::decode(*host.registries);
    for (const char* const* json = host.registries + 1; *json != nullptr; ++json) {
      registry = registry.also(Registry::decode(*json));
    }
    return registry;
  }

  static PluginSettings settings_of(const mplane_host& host) {
    PluginSettings settings;
    for (const char* const* text = host.settings; *text != nullptr; text += 2) {
      settings[text[0]] = text[1];
    }
    return settings;
  }

  void fill(mplane_plugin& out) noexcept {
    out.capabilities = capabilities_.data();
    out.run = [](void* self, const char* text, std::size_t size, const mplane_job* job) {
      return static_cast<Plugin*>(self)->run({text, size}, *job);
    };
    out.stop = [](void* self, const mplane_job* job) { static_cast<Plugin*>(self)->stop(*job); };
    out.destroy = [](void* self) {
      const std::unique_ptr<Plugin> gone(static_cast<Plugin*>(self));
    };
  }

  int run(const std::string_view text, const mplane_job& job) noexcept {
    try {
      const std::string answer = encode(answer_to(text, job));
      job.emit(job.self, answer.data(), answer.size());
      return 0;
    } catch (...) {  // out of memory, or a result without a definite scope
      return 1;
    }
  }

  Message answer_to(const std::string_view text, const mplane_job& job) {
    std::string token;
    try {
      const auto specification = decode_as<Specification>(text, registry_);
      token = specification.token();
      const Instant start = SystemClock().now();
      const auto stop = begin(job);
      auto outcome = run(specification, stop->get_token());
      end(job);
      auto* const result = std::get_if<Result>(&outcome);
      if (result == nullptr) return std::get<Exception>(outcome);
      if (!result->when().is_definite()) result->measured(start, SystemClock().now());
      return *result;
    } catch (const std::exception& error) {
      end(job);
      return Exception(token, error.what());
    }
  }

  Outcome run(const Specification& specification, std::stop_token stop) const {
    for (const Service& service : services_) {
      if (!offers(service.capability, specification)) continue;
      if (const auto* const run = std::get_if<Run>(&service.run)) {
        return (*run)(specification, std::move(stop));
      }
      auto promise = std::make_shared<std::promise<Outcome>>();
      auto outcome = promise->get_future();
      std::get<AsyncRun>(service.run)(
          specification, std::move(stop),
          Completion([promise](Outcome what) { promise->set_value(std::move(what)); }));
      return outcome.get();
    }
    throw Error(ErrorKind::Unknown, "", "no service takes this specification");
  }

  static bool offers(const Capability& capability, const Specification& specification) {
    const auto parameters = specification.schema().parameters();
    return capability.verb() == specification.verb() &&
           capability.schema() == specification.schema() &&
           std::all_of(parameters.begin(), parameters.end(), [&](const Element* parameter) {
             const std::string& name = parameter->name();
             return capability.constraint(name).admits(specification.value(name));
           });
  }

  std::shared_ptr<std::stop_source> begin(const mplane_job& job) {
    const auto source = std::make_shared<std::stop_source>();
    {
      const std::lock_guard lock(mutex_);
      running_.emplace(&job, source);
    }
    if (job.stopped(job.self) != 0) source->request_stop();  // before `stop` could find it
    return source;
  }

  void end(const mplane_job& job) {
    const std::lock_guard lock(mutex_);
    running_.erase(&job);
  }

  void stop(const mplane_job& job) {
    std::shared_ptr<std::stop_source> source;
    {
      const std::lock_guard lock(mutex_);
      const auto found = running_.find(&job);
      if (found != running_.end()) source = found->second;
    }
    if (source) source->request_stop();
  }

  const Registry registry_;
  const std::vector<Service> services_;
  std::vector<std::string> texts_;
  std::vector<const char*> capabilities_;
  std::mutex mutex_;
  std::map<const mplane_job*, std::shared_ptr<std::stop_source>> running_;
};

}  // namespace detail
}  // namespace mplane

/// Makes the shared object a module: `make` is a function from a registry and settings to services.
#define MPLANE_PLUGIN(make)                                                                   \
  extern "C" __attribute__((visibility("default"))) int mplane_plugin_open(                   \
      std::uint32_t host_abi, const mplane_host* host, mplane_plugin* plugin, char* error,    \
      std::size_t error_size) {                                                               \
    return mplane::detail::Plugin::open(host_abi, *host, *plugin, {error, error_size}, make); \
  }
