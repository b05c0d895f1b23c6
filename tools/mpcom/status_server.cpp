#include "status_server.hpp"

#include "metrics.hpp"
#include "mplane/mpcom/extension.hpp"
#include "mplane/session/router.hpp"
#include "mplane/tools/config_node.hpp"
#include "mplane/tools/metrics_page.hpp"

#include <chrono>
#include <ctime>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace mplane {
namespace {

constexpr int kUnavailable = 503;

ListenerOptions listener_options(const HostPort& at) {
  constexpr std::size_t kFew = 64;
  ListenerOptions options;
  options.address = at.host;
  options.port = at.port;
  options.insecure = true;
  options.limits.connections = kFew;
  options.limits.body_bytes = 1;
  options.limits.drain = std::chrono::milliseconds(100);
  return options;
}

bool is_local(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string json_list(const std::vector<std::string>& texts) {
  ConfigNode list;
  list.kind = ConfigNode::Kind::List;
  for (const std::string& text : texts) {
    ConfigNode& item = list.items.emplace_back();
    item.kind = ConfigNode::Kind::Scalar;
    item.text = text;
    item.quoted = true;
  }
  return to_json(list);
}

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  file >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double cpu_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  constexpr double kNano = 1e-9;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * kNano;
}

}  // namespace

StatusServer::StatusServer(const HostPort& at, const Health& health, const LogSink& log)
    : health_(health),
      listener_(
          listener_options(at),
          Router()
              .on("GET", "/health",
                  [this](const HttpRequest& /*request*/, Responder responder) {
                    responder.send(tell_health());
                  })
              .on("GET", "/metrics", [this](const HttpRequest& /*request*/, Responder responder) {
                responder.send(tell_metrics());
              })) {
  const bool local = is_local(at.host);
  mplane::log(log, {local ? Severity::Info : Severity::Warning,
                    "status",
                    local ? "health and metrics are told here"
                          : "health and metrics are told to everybody who can connect here",
                    {{"listen", to_string(HostPort{at.host, listener_.port()})}}});
  listener_.start();
}

HttpResponse StatusServer::tell_health() const {
  const std::vector<std::string> complaints = health_.complaints();
  HttpResponse response;
  response.content_type = "application/json";
  response.body = complaints.empty()
                      ? "{\"status\":\"ok\"}\n"
                      : "{\"status\":\"failing\",\"reasons\":" + json_list(complaints) + "}\n";
  if (!complaints.empty()) response.status = kUnavailable;
  return response;
}

HttpResponse StatusServer::tell_metrics() const {
  HttpResponse response;
  response.content_type = MetricsPage::kMediaType;
  MetricsPage page;
  add_metrics(page, {health_.component.status(), health_.certificates.endings(), kernel_clock(),
                     resident_bytes(), cpu_seconds()});
  if (health_.extension != nullptr) health_.extension->measure(page);
  response.body = page.text();
  return response;
}

}  // namespace mplane
