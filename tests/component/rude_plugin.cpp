// A module for the loader's tests, written against plugin.h alone, as one in C would be. The
// setting `mode` says what it does wrong.

#include "mplane/plugin.h"

#include <cstdio>
#include <cstring>
#include <string>

namespace {

constexpr const char* kCapability =
    R"({"capability":"measure","version":1,"registry":"http://ict-mplane.eu/registry/core",)"
    R"("label":"rude","when":"now ... future","parameters":{"source.port":"*"},)"
    R"("results":["packets.lost"]})";

struct Self {
  std::string mode;
  const mplane_host* host = nullptr;
  const char* capabilities[2] = {kCapability, nullptr};
};

std::string result_of(const std::string& specification, const std::string& columns) {
  // All that stands between "parameters" and the end is the same in a result.
  std::string text = specification;
  text.replace(text.find("specification"), std::strlen("specification"), "result");
  const std::size_t when = text.find("\"when\":\"") + std::strlen("\"when\":\"");
  text.replace(when, text.find('"', when) - when, "2020-01-01 00:00:00");
  return text.substr(0, text.rfind('}')) + ",\"resultvalues\":[" + columns + "]}";
}

int run(void* self, const char* text, std::size_t size, const mplane_job* job) {
  const std::string& mode = static_cast<Self*>(self)->mode;
  const auto emit = [job](const std::string& message) {
    job->emit(job->self, message.data(), message.size());
    return 0;
  };
  if (mode == "fails") return 7;
  if (mode == "silent") return 0;
  if (mode == "garbage") return emit("{no json");
  if (mode == "not-a-result") return emit(kCapability);
  if (mode == "exception") return emit(R"({"exception":null,"message":"no luck"})");
  if (mode == "bad-value") return emit(result_of({text, size}, R"(["many"])"));
  if (mode == "twice") emit(result_of({text, size}, R"(["1"])"));
  if (mode == "until-stopped") {
    while (job->stopped(job->self) == 0) {
    }
    return emit(result_of({text, size}, R"(["9"])"));
  }
  return emit(result_of({text, size}, R"(["2"])"));
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int mplane_plugin_open(std::uint32_t host_abi,
                                                                         const mplane_host* host,
                                                                         mplane_plugin* plugin,
                                                                         char* error,
                                                                         std::size_t error_size) {
  auto* const self = new Self;
  for (const char* const* text = host->settings; *text != nullptr; text += 2) {
    if (std::strcmp(text[0], "mode") == 0) self->mode = text[1];
  }
  if (host_abi != MPLANE_PLUGIN_ABI || self->mode == "refuses") {
    std::snprintf(error, error_size, "not today");
    delete self;
    return 1;
  }
  if (std::strstr(host->registries[0], "\"name\":\"packets.lost\"") == nullptr) return 1;
  plugin->abi = self->mode == "old" ? MPLANE_PLUGIN_ABI + 1 : MPLANE_PLUGIN_ABI;
  plugin->size = self->mode == "small" ? 8 : sizeof *plugin;
  plugin->self = self;
  if (self->mode == "bad-capability") self->capabilities[0] = R"({"capability":"measure"})";
  plugin->capabilities = self->capabilities;
  plugin->run = self->mode == "no-run" ? nullptr : run;
  plugin->destroy = [](void* gone) { delete static_cast<Self*>(gone); };
  if (self->mode == "old" || self->mode == "small") {
    delete self;  // where the host would find this, and how to destroy it, is not agreed on
    plugin->self = nullptr;
    plugin->capabilities = nullptr;
  }
  host->log(host->self, 1, "opened");
  return 0;
}
