#include "http_run.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {

HttpRun::HttpRun(Engine& engine, HttpRequest request, const HttpSettings& settings,
                 TargetCheck check)
    : engine_(engine), request_(std::move(request)), settings_(settings), check_(std::move(check)) {
  report_.start = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  report_.url = request_.url;
}

void HttpRun::begin(Finished finished) {
  finished_ = std::move(finished);
  start_ = std::chrono::steady_clock::now();
  deadline_ = engine_.at(start_ + settings_.wait, [this] { finish("timed-out", "not in time"); });
  look_up();
}

void HttpRun::look_up() {
  report_.target = {};
  report_.answer.reset();
  lookup_ = std::make_unique<NameLookup>(engine_, settings_.names);
  lookup_->begin(report_.url.host, request_.family,
                 [this](const NameAnswer& answer) { on_name(answer); });
}

void HttpRun::on_name(const NameAnswer& answer) {
  try {
    report_.target = choose_target(answer, check_);
    if (!report_.target.address) return finish("unresolved", report_.target.reason);
    transfer_ =
        std::make_unique<CurlTransfer>(engine_,
                                       HttpFetch{.url = report_.url,
                                                 .address = *report_.target.address,
                                                 .http2 = request_.http2,
                                                 .most_bytes = settings_.max_octets,
                                                 .wait = time_left(),
                                                 .trust = settings_.trust},
                                       [this](HttpAnswer what) { on_answer(std::move(what)); });
  } catch (const Error& error) {
    failure_ = error;
    finish("refused");
  }
}

void HttpRun::on_answer(HttpAnswer answer) {
  report_.answer = std::move(answer);
  const HttpAnswer& got = *report_.answer;
  if (got.status == 0) return finish("failed", got.problem);
  if (!got.redirect.empty()) return follow(got.redirect);
  if (got.cut) return finish("cut", "the body is longer than what is allowed");
  finish(got.problem.empty() ? "answered" : "broken", got.problem);
}

void HttpRun::follow(const std::string& where) {
  if (report_.redirects == settings_.max_redirects) {
    return finish("redirected", "more redirects than are followed");
  }
  try {
    report_.url = parse_http_url(where);
  } catch (const Error& error) {
    return finish("redirected", error.message());
  }
  ++report_.redirects;
  look_up();
}

std::chrono::milliseconds HttpRun::time_left() const {
  const auto left = start_ + settings_.wait - std::chrono::steady_clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(1));
}

void HttpRun::finish(std::string outcome, std::string problem) {
  if (!finished_) return;
  report_.took = std::chrono::steady_clock::now() - start_;
  report_.outcome = std::move(outcome);
  report_.problem = std::move(problem);
  deadline_.cancel();
  std::exchange(finished_, {})();
}

Result HttpRun::take_result(const Specification& specification) {
  if (failure_) throw *failure_;
  return make_http_result(specification, report_);
}

}  // namespace mplane::detail
