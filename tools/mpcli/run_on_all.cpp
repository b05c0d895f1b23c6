// The same question to many components: all are discovered first, so that they start together and
// what they measure is known to be of one kind.

#include "attendant.hpp"
#include "commands.hpp"
#include "connect.hpp"
#include "fleet_round.hpp"
#include "mplane/model/quoted.hpp"
#include "watched.hpp"

#include <algorithm>
#include <ostream>

namespace mplane {
namespace {

/// What one component is asked, or nothing when it cannot be.
struct Task {
  std::optional<Capability> capability = {};
  std::optional<Specification> specification = {};
};

/// The tasks of the components that offer it. The first of them decides what kind it is of.
std::vector<Task> tasks_for(const std::vector<Found>& found, const Question& question,
                            FleetRound& round, const Fleet& fleet) {
  std::vector<Task> tasks(found.size());
  const Capability* kind = nullptr;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].component.empty()) continue;
    try {
      const Capability capability =
          only_one(found[i].capabilities, question.capability, fleet.url(i));
      if (kind != nullptr &&
          (capability.schema() != kind->schema() || capability.verb() != kind->verb())) {
        throw Error(
            ErrorKind::Failed, fleet.url(i),
            mplane::quoted(question.capability) + " measures something else there than at others");
      }
      tasks[i].specification = Client::named(specify(capability, question));
      tasks[i].capability = capability;
      if (kind == nullptr) kind = &*tasks[i].capability;
    } catch (const Error& error) {
      round.fail(found[i].component, error);
    }
  }
  return tasks;
}

std::optional<Duration> longest(const std::vector<Task>& tasks) {
  std::optional<Duration> longest = Duration(0);
  for (const Task& task : tasks) {
    if (!task.specification) continue;
    const auto takes = task.specification->when().timer_delays(wall_clock()).end;
    if (!takes && task.specification->when().is_forever()) return {};
    longest = std::max(*longest, takes.value_or(Duration(0)));
  }
  return longest;
}

/// One such run.
class RunOnAll {
 public:
  RunOnAll(const Options& options, const RunRequest& request, const Console& console, Watch& watch)
      : options_(options),
        request_(request),
        console_(console),
        watch_(watch),
        fleet_(make_fleet(options, console)),
        round_(*fleet_, console_, watch) {}

  int run() {
    const std::vector<Found> found = discover_all(*fleet_, round_);
    tasks_ = tasks_for(found, request_.question, round_, *fleet_);
    if (std::none_of(tasks_.begin(), tasks_.end(), [](const Task& t) { return t.capability; })) {
      return round_.verdict(false);
    }
    if (const auto takes = longest(tasks_); takes && !options_.timeout) {
      watch_.limit(watch_.passed() + *takes + kSlack);
    }
    return request_.wait ? measure() : submit();
  }

 private:
  /// The question of the second round: `then` says what is waited for.
  template <typename Then>
  Fleet::Question ask(const Then& then) {
    return [this, then](const std::size_t i, Client& client,
                        std::stop_token stop) -> std::optional<Pending> {
      const Task& task = tasks_[i];
      if (!task.capability) return {};
      return then(i, client.submit(*task.specification, *task.capability, std::move(stop)));
    };
  }

  int submit() {
    std::vector<std::string> tokens(tasks_.size());
    std::size_t sent = 0;
    const auto rows =
        make_row_output(options_.format.value_or(Format::Table), console_.out, screen_of_output());
    rows->begin({{"component"}, {"token"}, {"url"}});
    round_.run(ask([&](const std::size_t i, Pending pending) -> std::optional<Pending> {
                 tokens[i] = pending.token();
                 return {};
               }),
               [&](const Fleet::News& news) {
                 const std::string& token = tokens[news.member];
                 if (news.failure || token.empty()) return;
                 ++sent;
                 rows->row({Value(news.component), Value(token), Value(fleet_->url(news.member))});
               });
    rows->finish();
    return round_.verdict(sent > 0);
  }

  int measure() {
    const auto& first = *std::find_if(tasks_.begin(), tasks_.end(),
                                      [](const Task& task) { return task.specification; });
    const When& when = first.specification->when();
    const auto output = make_result_output(options_.format.value_or(Format::Table), console_.out,
                                           {.many = when.is_repeated(),
                                            .components = true,
                                            .summary = request_.summary,
                                            .screen = screen_of_output()});
    std::size_t results = 0;
    std::size_t ended = 0;
    show(ended);
    const auto wait = [](std::size_t, Pending pending) {
      return std::optional(std::move(pending));
    };
    round_.run(ask(wait), [&](const Fleet::News& news) {
      if (news.result) {
        ++results;
        output->add(*news.result, news.component);
      }
      if (news.ended) show(++ended);
    });
    watch_.show_nothing();
    for (const std::string& component : round_.lost()) output->fail(component);
    output->finish();
    return round_.verdict(results > 0);
  }

  void show(const std::size_t ended) {
    if (options_.verbosity == Verbosity::Quiet) return;
    watch_.show(request_.question.capability + ", " + std::to_string(ended) + " of " +
                    std::to_string(fleet_->size()),
                {});
  }

  const Options& options_;
  const RunRequest& request_;
  const Console& console_;
  Watch& watch_;
  const std::unique_ptr<Fleet> fleet_;
  FleetRound round_;
  std::vector<Task> tasks_;
};

}  // namespace

int run_on_all(const Options& options, const RunRequest& request, const Console& console) {
  return watched(
      options, [&](Watch& watch) { return RunOnAll(options, request, console, watch).run(); },
      Wish::Interrupt, true);
}

}  // namespace mplane
