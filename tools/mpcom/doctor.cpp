#include "doctor.hpp"

#include "mplane/model/setting_duration.hpp"
#include "mplane/session/http_client.hpp"
#include "mplane/session/listener.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <ostream>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

namespace mplane {
namespace {

using Verdict = Finding::Verdict;
using namespace std::chrono_literals;

constexpr Duration kWrongClock = 1s;

std::string_view word(const Verdict verdict) {
  switch (verdict) {
    case Verdict::Good:
      return "good";
    case Verdict::Warning:
      return "warning";
    case Verdict::Bad:
    case Verdict::Unreachable:
      break;
  }
  return "bad";
}

std::string day_of(const std::chrono::system_clock::time_point time) {
  return to_string(Time(std::chrono::floor<Duration>(time)), Precision::Days);
}

std::string text_of(const LogRecord& record) {
  std::string text = record.message;
  for (const auto& [key, value] : record.fields) text += " " + std::string(key) + "=" + value;
  return text;
}

/// Whether it is what `examine_endings` finds, too.
bool is_of_endings(const LogRecord& record, const Preparation& prepared, const Instant now) {
  if (!prepared.options.tls) return false;
  const auto& endings = prepared.options.tls->endings();
  return std::any_of(endings.begin(), endings.end(), [&](const TlsEnding& ending) {
    const auto warning = warning_of(ending, std::chrono::system_clock::time_point(now));
    return warning && warning->message == record.message && warning->fields == record.fields;
  });
}

/// What reading certificates and making modules had to say.
void add_preparation(Findings& findings, const Preparation& prepared, const Mistakes& mistakes,
                     const std::vector<LogRecord>& logged, const Instant now) {
  for (const Error& mistake : mistakes.all()) {
    findings.push_back({Verdict::Bad, "configuration", mistake.what(), ""});
  }
  for (const LogRecord& record : logged) {
    if (record.severity < Severity::Info || is_of_endings(record, prepared, now)) continue;
    const bool mere = record.severity == Severity::Info;  // as of what a host has not got
    findings.push_back(
        {mere ? Verdict::Good : Verdict::Warning, record.component, text_of(record), ""});
  }
  if (mistakes.empty()) {
    findings.push_back({Verdict::Good, "configuration",
                        "its files can be used, its modules have the rights that they need, and " +
                            std::to_string(prepared.services.size()) + " services are on offer",
                        ""});
  }
}

}  // namespace

Finding examine_clock(const std::optional<KernelClock>& clock) {
  if (!clock) return {Verdict::Warning, "clock", "the kernel does not tell how right it is", ""};
  const std::string advice =
      "run a time service: apt-get install chrony; measurements are worth no more than their times";
  if (!clock->synchronised) {
    return {Verdict::Warning, "clock", "it is not synchronised, nobody knows how wrong it is",
            advice};
  }
  const Duration offset = clock->offset < Duration() ? -clock->offset : clock->offset;
  std::string says = "it is synchronised, wrong by at most " + setting_text(clock->bound) +
                     "; the kernel still corrects " + setting_text(offset);
  if (clock->bound <= kWrongClock && offset <= kWrongClock) {
    return {Verdict::Good, "clock", std::move(says), ""};
  }
  return {Verdict::Warning, "clock", std::move(says), advice};
}

Findings examine_endings(const std::vector<TlsEnding>& endings, const Instant now) {
  Findings findings;
  for (const TlsEnding& ending : endings) {
    const auto warning = warning_of(ending, std::chrono::system_clock::time_point(now));
    if (!warning) {
      findings.push_back(
          {Verdict::Good, "certificates",
           ending.file.string() + " of " + ending.name + " is good until " + day_of(ending.until),
           ""});
      continue;
    }
    const bool over = warning->severity == Severity::Error;
    findings.push_back({over ? Verdict::Bad : Verdict::Warning, "certificates", text_of(*warning),
                        "put a new one in its place, then: systemctl reload, or kill -HUP"});
  }
  return findings;
}

Finding examine_disk(const std::filesystem::path& state_dir, const std::uintmax_t wanted) {
  std::filesystem::path folder = state_dir;  // it is made when it is first needed
  if (!std::filesystem::exists(folder)) folder = std::filesystem::absolute(folder).parent_path();
  std::error_code failed;
  const auto space = std::filesystem::space(folder, failed);
  if (failed) {
    return {Verdict::Bad, "disk", folder.string() + ": " + failed.message(),
            "make the folder that component.state-dir lies in"};
  }
  constexpr std::uintmax_t kMebi = 1U << 20U;
  std::string says = std::to_string(space.available / kMebi) + " MiB are free for " +
                     state_dir.string() + ", which may come to hold " +
                     std::to_string(wanted / kMebi) + " MiB of results";
  if (space.available >= wanted) return {Verdict::Good, "disk", std::move(says), ""};
  return {Verdict::Warning, "disk", std::move(says),
          "make room, or lower results.max-bytes or spool.max-bytes"};
}

Finding examine_descriptors(const std::size_t connections) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  constexpr rlim_t kOthers = 64;
  std::string says = std::to_string(limit.rlim_cur) + " files may be open at once, and " +
                     std::to_string(connections) + " connections (limits.connections)";
  if (limit.rlim_cur >= connections + kOthers) {
    return {Verdict::Good, "rights", std::move(says), ""};
  }
  return {Verdict::Warning, "rights", std::move(says),
          "raise the former (LimitNOFILE= in the unit, ulimit -n) or lower the latter"};
}

Finding examine_user() {
  if (geteuid() != 0) {
    return {Verdict::Good, "rights", "it runs as user " + std::to_string(geteuid()), ""};
  }
  return {
      Verdict::Warning, "rights", "it runs as root, who may do far more than it needs",
      "run it as conf/systemd/mpcom.service does: as a user of its own, with CAP_NET_RAW alone"};
}

Finding examine_address(const HostPort& listen) {
  try {
    const Listener there({.address = listen.host, .port = listen.port, .insecure = true},
                         [](const HttpRequest& /*request*/, const Responder& /*responder*/) {});
    return {Verdict::Good, "address", to_string(listen) + " is free to listen at", ""};
  } catch (const Error& error) {
    return {Verdict::Warning, "address", error.what(),
            "nothing, if it runs already; else see who has it: ss -ltnp"};
  }
}

Finding examine_peer(const std::string_view who, const Url& url,
                     const std::optional<TlsContext>& tls) {
  try {
    HttpClient client(url, {.tls = tls, .connect = 5s, .read = 5s, .write = 5s});
    const HttpReply reply = client.get("/");
    return {Verdict::Good, who, url.authority() + " answers, and is " + reply.peer.text(), ""};
  } catch (const Error& error) {
    return {Verdict::Unreachable, who, url.authority() + ": " + error.message(),
            "see that it runs, that its name is known here and that no firewall is between"};
  }
}

Findings examine(const ComponentConfig& config, const Preparation& prepared,
                 const Mistakes& mistakes, const std::vector<LogRecord>& logged,
                 const Clock& clock) {
  Findings findings;
  add_preparation(findings, prepared, mistakes, logged, clock.now());
  findings.push_back(examine_user());
  findings.push_back(examine_descriptors(config.options.limits.connections));
  findings.push_back(examine_clock(kernel_clock()));
  if (const auto& tls = prepared.options.tls) {
    const Findings endings = examine_endings(tls->endings(), clock.now());
    findings.insert(findings.end(), endings.begin(), endings.end());
  }
  if (!config.state_dir.empty()) {
    findings.push_back(examine_disk(
        config.state_dir, config.options.scheduler.results.max_bytes + config.spool.max_bytes));
  }
  if (!mistakes.empty()) return findings;
  if (!config.options.listen.empty()) {
    findings.push_back(examine_address(HostPort::parse(config.options.listen)));
  }
  for (const SupervisorOptions& one : config.options.supervisors) {
    findings.push_back(examine_peer("supervisor", one.url, prepared.options.tls));
  }
  for (const Neighbour& one : prepared.neighbours) {
    if (const auto* const address = std::get_if<HostPort>(&one.where)) {
      findings.push_back(examine_address(*address));
    } else {
      findings.push_back(examine_peer(one.who, std::get<Url>(one.where), prepared.options.tls));
    }
  }
  return findings;
}

int tell(const Findings& findings, std::ostream& out) {
  constexpr int kVerdict = 8;
  constexpr int kTopic = 14;
  for (const Finding& finding : findings) {
    out << std::left << std::setw(kVerdict) << word(finding.verdict) << std::setw(kTopic)
        << finding.topic << finding.says << '\n';
    if (!finding.advice.empty()) {
      out << std::string(kVerdict, ' ') << std::setw(kTopic) << ""
          << "-> " << finding.advice << '\n';
    }
  }
  const auto any = [&](const Verdict verdict) {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const Finding& finding) { return finding.verdict == verdict; });
  };
  if (any(Verdict::Bad)) return traits(ErrorKind::Configuration).exit_code;
  if (any(Verdict::Unreachable)) return traits(ErrorKind::Unreachable).exit_code;
  return EXIT_SUCCESS;
}

}  // namespace mplane
