#pragma once

#include "curl_transfer.hpp"
#include "http_url.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/run_host.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mplane::detail {

/// What the operator sets for http.
struct HttpSettings {
  Duration wait = std::chrono::seconds(20);
  NameLookupOptions names = {};
  std::shared_ptr<const Trust> trust = {};
  std::uint64_t max_octets = 10'000'000;
  std::uint32_t max_redirects = 5;
};

/// What is to be asked for. A value.
struct HttpRequest {
  HttpUrl url;
  IpFamily family = IpFamily::Ip4;
  bool http2 = false;
};

/// What a request, redirects and all, came to. A value.
struct HttpReport {
  Instant start;
  HttpUrl url;                            ///< of the last answer, or of what did not come to one
  ResolvedTarget target;                  ///< of it
  std::optional<HttpAnswer> answer = {};  ///< the last one
  std::uint32_t redirects = 0;
  std::chrono::nanoseconds took{0};  ///< all of it
  std::string outcome = "interrupted";
  std::string problem = {};  ///< why there is no answer, in words
};

/// One request: name, policy, transfer; the same again for each redirect.
class HttpRun final : public ProbeRun {
 public:
  HttpRun(Engine& engine, HttpRequest request, const HttpSettings& settings, TargetCheck check);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void look_up();
  void on_name(const NameAnswer& answer);
  void on_answer(HttpAnswer answer);
  void follow(const std::string& where);
  std::chrono::milliseconds time_left() const;
  void finish(std::string outcome, std::string problem = {});

  Engine& engine_;
  const HttpRequest request_;
  const HttpSettings settings_;
  const TargetCheck check_;
  Finished finished_;
  std::optional<Error> failure_;
  SteadyTime start_;
  HttpReport report_;
  std::unique_ptr<NameLookup> lookup_;
  std::unique_ptr<CurlTransfer> transfer_;
  Timer deadline_;
};

/// Puts a report into the columns that a specification asks for. Pure.
Result make_http_result(const Specification& specification, const HttpReport& report);

}  // namespace mplane::detail
