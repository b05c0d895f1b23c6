// The program that crash_test.cpp kills: a scheduler with a journal, services that witness each of
// their runs, and clients that submit whatever comes to their mind.
//
//     crash_subject FOLDER ROUND SEED [end]
//
// FOLDER holds the journal and three files of lines, to which it only ever appends, each line with
// one write(2), so that what happened is on record whatever happens next:
//
//     witness   "start RUN" when a service is called, "end RUN" when it is about to return
//     told      "accepted JOB" after a receipt, "refused JOB" after an error, "result JOB TEXT"
//     after
//               an outcome was handed over
//     audit     what was restored: "round N", "job JOB name=value …", "all name=value …", "whole N"
//
// It submits until it is killed; with "end" it only audits, and stops in peace.

#include "mplane/scheduler.hpp"
#include "mplane/store.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

constexpr const char* kOwner = "org.example.client";
constexpr int kClients = 4;

/// A file of lines that only grows.
class Record {
 public:
  explicit Record(const std::filesystem::path& file)
      : descriptor_(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) throw Error(ErrorKind::Configuration, file.string(), "cannot be opened");
  }
  ~Record() { ::close(descriptor_); }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  void line(const std::string& text) const {
    const std::string whole = text + "\n";
    if (::write(descriptor_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) {
      std::abort();
    }
  }

 private:
  int descriptor_;
};

/// What tells one outcome from another.
std::string digest(const Message& message) {
  if (const Result* const result = message.find<Result>()) {
    return "count:" +
           std::to_string(result->rows()[0].get<std::uint64_t>("delay.twoway.icmp.count"));
  }
  if (message.kind() == "exception") return "exception";
  return std::string(message.kind());
}

/// Some time between 0 and 100 ms, always the same for the same text.
std::chrono::microseconds pause_of(const std::string& text) {
  return std::chrono::microseconds(std::hash<std::string>()(text) % 100'000);
}

/// A service that waits for a while, or until it is stopped.
class Services {
 public:
  explicit Services(const std::filesystem::path& folder) : witness_(folder / "witness") {}

  Service direct(const Registry& registry) {
    return {capability("direct", registry),
            Run([this](const auto& asked, auto) { return run(asked, [] {}); })};
  }
  Service slow(const Registry& registry) {
    return {capability("slow", registry), Run([this](const auto& asked, std::stop_token stop) {
              return run(asked, [&] { wait(stop, pause_of(asked.token())); });
            })};
  }
  Service elsewhere(const Registry& registry) {
    return {capability("elsewhere", registry), AsyncRun([this](const auto& asked, auto, auto done) {
              witness_.line("start " + asked.token());
              const std::lock_guard lock(mutex_);
              begun_.push_back({asked, std::move(done)});
              changed_.notify_one();
            })};
  }

  static Capability capability(const std::string& verb, const Registry& registry) {
    return Capability::of(verb, verb)
        .when("past ... future")
        .parameter("destination.ip4")
        .result("delay.twoway.icmp.count")
        .build(registry);
  }

 private:
  struct Begun {
    Specification asked;
    Completion done;
  };

  template <typename Work>
  Result run(const Specification& asked, const Work& work) {
    witness_.line("start " + asked.token());
    work();
    return ended(asked);
  }

  Result ended(const Specification& asked) {
    const std::uint64_t count = std::hash<std::string>()(asked.token()) % 1'000'000;
    witness_.line("end " + asked.token());
    return Result(asked).row({{"delay.twoway.icmp.count", count}});
  }

  void wait(const std::stop_token& stop, std::chrono::microseconds time) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
  }

  void end_elsewhere(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !begun_.empty(); })) {
      Begun one = std::move(begun_.front());
      begun_.erase(begun_.begin());
      lock.unlock();
      one.done(ended(one.asked));
      lock.lock();
    }
  }

  const Record witness_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Begun> begun_;
  std::jthread thread_{[this](const std::stop_token& stop) { end_elsewhere(stop); }};
};

/// One client: submits, sometimes waits, sometimes interrupts.
class Client {
 public:
  Client(Scheduler& scheduler, const Record& told, std::string name, std::uint64_t seed)
      : scheduler_(scheduler), told_(told), name_(std::move(name)), random_(seed) {}

  void ask_for_ever(const std::vector<Capability>& capabilities) {
    for (int i = 0;; ++i) {
      const std::string token = name_ + "x" + std::to_string(i);
      if (!submit(capabilities[below(capabilities.size())], token)) continue;
      if (below(3) == 0) wait_for(token);
      if (below(10) == 0) scheduler_.interrupt(kOwner, token);
    }
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  /// Whether it was accepted. A scope that begins at once may be over before it is submitted.
  bool submit(const Capability& capability, const std::string& token) {
    try {
      scheduler_.submit(
          kOwner,
          capability.specify(scope()).set("destination.ip4", "192.0.2.7").token(token).build());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::Invalid) throw;
      told_.line("refused " + token);
      return false;
    }
    told_.line("accepted " + token);
    return true;
  }

  When scope() {
    const Instant soon = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) +
                         std::chrono::milliseconds(below(2'000));
    switch (below(below(8) == 0 ? 7 : 4)) {
      case 0:
        return When::parse("now");
      case 1:
        return When::parse("now + 1s");
      case 2:
        return When::at(soon);
      case 3:
        return When::lasting(soon, 1s);
      case 4:
        return When::parse("repeat now + 3s / 1s");
      case 5:
        return When::parse("repeat now + 5s cron * * * * * *");
      default:
        return When::parse("repeat " + to_string(Time(soon)) + " ... future / 1s");
    }
  }

  void wait_for(const std::string& token) {
    std::promise<Message> promise;
    scheduler_.await(kOwner, token, 50ms,
                     [&](Message message) { promise.set_value(std::move(message)); });
    const Message message = promise.get_future().get();
    const std::string text = digest(message);
    if (text != "receipt" && text != "envelope") told_.line("result " + token + " " + text);
  }

  Scheduler& scheduler_;
  const Record& told_;
  const std::string name_;
  std::mt19937_64 random_;
};

std::string field(const char* name, const std::uint64_t value) {
  return std::string(" ") + name + "=" + std::to_string(value);
}

std::string text_of(const Books& books) {
  return field("planned", books.planned) + field("started", books.started) +
         field("done", books.done) + field("crashed", books.count(Reason::Crashed)) +
         field("balance", books.balance() ? 1 : 0);
}

/// How many of the starts that were due are in no book, or in it twice; of a grid without end,
/// where that can be computed.
std::uint64_t off_the_grid(const JobStatus& job, const When& when) {
  const bool grid = when.is_repeated() && when.is_forever() && when.start().is_definite();
  if (!grid || !job.next) return 0;
  const auto due = (*job.next - when.start().instant()) / *when.period();
  return static_cast<std::uint64_t>(std::abs(due - static_cast<std::int64_t>(job.books.planned)));
}

/// Restores what there is, and writes down what came of it.
void restore(Scheduler& scheduler, JournalFile& journal, const Record& audit,
             const std::string& round) {
  audit.line("round " + round);
  std::map<std::string, JobRecord> records;
  for (JobRecord& record : journal.load(Registry::core())) {
    scheduler.restore(record);
    records.emplace(record.specification.token(), std::move(record));
  }
  for (const JobStatus& job : scheduler.jobs()) {
    const JobRecord& record = records.at(job.token);
    const When& when = record.specification.when();
    audit.line("job " + job.token + text_of(job.books) +
               field("off-the-grid", off_the_grid(job, when)) +
               " outcome=" + (record.outcomes.empty() ? "none" : digest(record.outcomes.back())));
  }
  audit.line("all" + text_of(scheduler.books()));
  audit.line("whole " + round);
}

int run(const std::filesystem::path& folder, const std::string& round, std::uint64_t seed,
        bool ends) {
  const Record told(folder / "told");
  const Record audit(folder / "audit");
  const SystemClock clock;
  Services services(folder);
  JournalFile journal(folder / "state", {});
  SchedulerOptions options;
  options.journal = &journal;
  Scheduler scheduler(clock, options, {});
  const Registry registry = Registry::core();
  const std::vector<Capability> capabilities{scheduler.offer(services.direct(registry)),
                                             scheduler.offer(services.slow(registry)),
                                             scheduler.offer(services.elsewhere(registry))};
  restore(scheduler, journal, audit, round);
  std::cerr << "restored" << std::endl;
  if (ends) {
    scheduler.stop(4s);
    return EXIT_SUCCESS;
  }
  std::vector<std::jthread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      Client client(scheduler, told, "r" + round + "c" + std::to_string(i),
                    seed + static_cast<std::uint64_t>(i));
      client.ask_for_ever(capabilities);
    });
  }
  return EXIT_SUCCESS;  // not before it is killed
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 4) throw Error(ErrorKind::Configuration, "crash_subject", "FOLDER ROUND SEED [end]");
    return run(argv[1], argv[2], std::stoull(argv[3]), argc > 4);
  } catch (const std::exception& error) {
    std::cerr << "crash_subject: " << error.what() << std::endl;
    return EXIT_FAILURE;
  }
}
