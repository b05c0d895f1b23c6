#include "metrics.hpp"

#include "mplane/tools/run_main.hpp"

#include <chrono>
#include <string_view>

namespace mplane {
namespace {

double number(const std::uint64_t value) { return static_cast<double>(value); }

double seconds(const std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string_view word(const Ending ending) {
  switch (ending) {
    case Ending::Done:
      return "done";
    case Ending::Failed:
      return "failed";
    case Ending::Interrupted:
      return "interrupted";
    case Ending::Lost:
      return "lost";
    case Ending::Skipped:
      return "skipped";
    case Ending::Missed:
      return "missed";
    case Ending::Refused:
      break;
  }
  return "refused";
}

std::string_view word(const TlsEnding::What what) {
  switch (what) {
    case TlsEnding::What::Certificate:
      return "certificate";
    case TlsEnding::What::Authority:
      return "authority";
    case TlsEnding::What::RevocationList:
      break;
  }
  return "revocation-list";
}

/// planned = started + skipped + missed + refused + waiting,
/// started = done + failed + interrupted + lost + running.
void add_books(MetricsPage& page, const Books& books) {
  page.counter("mplane_starts_planned", "Starts that were due", number(books.planned));
  page.counter("mplane_starts_started", "Starts that became runs", number(books.started));
  page.counter("mplane_runs_done", "Runs that yielded a result", number(books.done));
  page.counter("mplane_runs_failed", "Runs that failed", number(books.failed));
  page.counter("mplane_runs_interrupted", "Runs that were stopped", number(books.interrupted));
  page.counter("mplane_runs_lost", "Runs that nobody knows the end of", number(books.lost));
  page.counter("mplane_starts_skipped", "Starts that were left out", number(books.skipped));
  page.counter("mplane_starts_missed", "Starts whose time passed", number(books.missed));
  page.counter("mplane_starts_refused", "Starts there was no room for", number(books.refused));
  page.gauge("mplane_starts_waiting", "Starts that are due and wait", number(books.waiting));
  page.gauge("mplane_runs_running", "Runs under way", number(books.running));
  for (std::size_t i = 0; i < kReasons; ++i) {
    const ReasonTraits reason = traits(static_cast<Reason>(i));
    page.counter(
        "mplane_starts_ended", "Starts and runs that ended, by the one reason of each",
        number(books.reasons[i]),
        {{"ending", std::string(word(reason.ending))}, {"reason", std::string(reason.name)}});
  }
}

void add_lateness(MetricsPage& page, const Lateness& lateness) {
  std::vector<MetricsPage::Bucket> buckets;
  std::uint64_t up_to = 0;
  for (std::size_t i = 0; i + 1 < Lateness::kBuckets; ++i) {
    up_to += lateness.bucket(i);
    buckets.push_back({seconds(Lateness::bound(i)), up_to});
  }
  page.histogram("mplane_start_lateness_seconds", "How late runs were started", buckets,
                 lateness.count(), seconds(lateness.sum()));
}

/// taken = delivered + refused + dropped + waiting.
void add_spool(MetricsPage& page, const SpoolBooks& books) {
  page.counter("mplane_spool_taken", "Messages to be sent unasked", number(books.taken));
  page.counter("mplane_spool_delivered", "Those that arrived", number(books.delivered));
  page.counter("mplane_spool_refused", "Those that their peer will never take",
               number(books.refused));
  page.counter("mplane_spool_dropped", "Those that had to make way, by why", number(books.too_old),
               {{"reason", "too-old"}});
  page.counter("mplane_spool_dropped", "Those that had to make way, by why", number(books.no_room),
               {{"reason", "no-room"}});
  page.gauge("mplane_spool_waiting", "Those that wait", number(books.waiting));
  page.gauge("mplane_spool_waiting_bytes", "Their bytes, and 256 for each",
             static_cast<double>(books.bytes));
}

void add_sessions(MetricsPage& page, const ComponentStatus& status) {
  const ListenerCounts& sessions = status.sessions;
  page.gauge("mplane_sessions_open", "Connections that are open", number(sessions.open));
  page.counter("mplane_sessions_accepted", "Connections", number(sessions.accepted));
  page.counter("mplane_sessions_turned_away", "Connections over a limit",
               number(sessions.turned_away));
  page.counter("mplane_handshakes_refused", "Connections that ended before they were one of ours",
               number(sessions.handshakes_refused));
  for (const auto& [code, count] : sessions.answers) {
    page.counter("mplane_http_answers", "Answers by HTTP status", number(count),
                 {{"status", std::to_string(code)}});
  }
  for (const auto& [kind, count] : status.refused) {
    page.counter("mplane_messages_refused", "Messages and requests refused, by why", number(count),
                 {{"kind", std::string(traits(kind).name)}});
  }
}

}  // namespace

void add_metrics(MetricsPage& page, const Measures& measures) {
  page.gauge("mplane_build_info", "What runs here", 1, {{"version", std::string(version_text())}});
  page.gauge("mplane_capabilities", "Capabilities on offer",
             number(measures.component.capabilities));
  add_books(page, measures.component.books);
  add_lateness(page, measures.component.lateness);
  add_sessions(page, measures.component);
  add_spool(page, measures.component.spool);
  for (const TlsEnding& ending : measures.endings) {
    page.gauge("mplane_tls_expiry_timestamp_seconds",
               "When certificates and revocation lists end, in seconds since 1970",
               seconds(ending.until.time_since_epoch()),
               {{"what", std::string(word(ending.what))},
                {"file", ending.file.string()},
                {"name", ending.name}});
  }
  if (const auto& clock = measures.clock) {
    page.gauge("mplane_clock_synchronised", "Whether the kernel believes its clock to be right",
               clock->synchronised ? 1 : 0);
    page.gauge("mplane_clock_offset_seconds", "What the kernel still corrects its clock by",
               seconds(clock->offset));
    page.gauge("mplane_clock_error_bound_seconds", "The most by which the clock may be wrong",
               seconds(clock->bound));
  }
  page.gauge("process_resident_memory_bytes", "Memory in use", measures.resident_bytes);
  page.counter("process_cpu_seconds", "Processor time spent", measures.cpu_seconds);
}

std::string metrics_page(const Measures& measures) {
  MetricsPage page;
  add_metrics(page, measures);
  return page.text();
}

}  // namespace mplane
