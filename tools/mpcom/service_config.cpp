#include "service_config.hpp"

#include "mplane/component/options.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/scheduler/options.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

/// Reads the keys of one entry and notes what each of them changes.
class PolicyReader {
 public:
  PolicyReader(ConfigSection& section, ServiceEntry& entry) : section_(section), entry_(entry) {}

  void read() {
    const ServicePolicy usual;
    const SchedulerLimits limits;
    choice("class", &ServicePolicy::job_class, usual.job_class,
           {"exclusive", "normal", "background"});
    choice("overlap", &ServicePolicy::overlap, usual.overlap, {"skip", "queue", "parallel"});
    choice("missed", &ServicePolicy::missed, usual.missed, {"skip", "once"});
    set("slip", &ServicePolicy::slip, section_.duration("slip", usual.slip));
    set("lateness", &ServicePolicy::tell_lateness,
        section_.boolean("lateness", usual.tell_lateness));
    set("tolerance", &ServicePolicy::tolerance, section_.duration("tolerance", usual.tolerance));
    number("max-results", &ServicePolicy::max_results, ResultsKept().newest);
    number("max-running", &ServicePolicy::max_running, limits.runs);
    number("max-jobs", &ServicePolicy::max_jobs, limits.jobs);
    read_choices(section_.section("choices"));
  }

 private:
  template <typename T>
  void set(const std::string_view key, T ServicePolicy::*const member, const T value) {
    if (!section_.has(key)) return;
    entry_.changes.push_back([member, value](ServicePolicy& policy) { policy.*member = value; });
  }
  template <typename T>
  void choice(const std::string_view key, T ServicePolicy::*const member, const T usual,
              const std::vector<std::string_view>& words) {
    set(key, member, static_cast<T>(section_.choice(key, static_cast<std::size_t>(usual), words)));
  }
  void number(const std::string_view key, std::size_t ServicePolicy::*const member,
              const std::size_t most) {
    set<std::size_t>(key, member, section_.natural(key, most, 1, most));
  }

  void read_choices(ConfigSection choices) {
    const auto overlap = words(choices, "overlap", {"queue", "parallel"});
    const auto missed = words(choices, "missed", {"once"});
    const Choices made{.overlap_queue = overlap[0],
                       .overlap_parallel = overlap[1],
                       .missed_once = missed[0],
                       .slip = choices.duration("slip", Duration(0))};
    choices.refuse_others();
    if (!section_.has("choices")) return;
    entry_.changes.push_back([made](ServicePolicy& policy) { policy.choices = made; });
  }

  /// Which of these words stand at a key; `skip`, which can always be chosen, may stand there, too.
  static std::vector<bool> words(ConfigSection& choices, const std::string_view key,
                                 const std::vector<std::string_view>& known) {
    std::vector<bool> there(known.size());
    for (const std::string& text : choices.texts(key)) {
      const auto word = std::find(known.begin(), known.end(), text);
      if (word != known.end()) {
        there[static_cast<std::size_t>(word - known.begin())] = true;
      } else if (text != "skip") {
        NearMiss guess(text);
        for (const std::string_view one : known) guess.consider(one);
        choices.mistake(key, "'choices." + std::string(key) + "': " + mplane::quoted(text) +
                                 " is nothing that could be chosen" + guess.hint());
      }
    }
    return there;
  }

  ConfigSection& section_;
  ServiceEntry& entry_;
};

}  // namespace

std::vector<ServiceEntry> read_services(ConfigSection& root) {
  std::vector<ServiceEntry> entries;
  for (ConfigSection& section : root.sections("services")) {
    ServiceEntry entry{section.text("label"), section.where()};
    if (section.is_valid() && !section.has("label")) {
      section.mistake("label", "'label' is missing: which services?");
    }
    PolicyReader(section, entry).read();
    section.refuse_others();
    entries.push_back(std::move(entry));
  }
  return entries;
}

void apply(const std::vector<ServiceEntry>& entries, std::vector<Service>& services,
           Mistakes& mistakes) {
  for (const ServiceEntry& entry : entries) {
    if (entry.label.empty()) continue;  // a mistake that was noted before
    NearMiss guess(entry.label);
    bool is_for_one = false;
    for (Service& service : services) {
      const std::string& label = service.capability.label();
      guess.consider(label);
      if (!matches(entry.label, label)) continue;
      is_for_one = true;
      for (const auto& change : entry.changes) change(service.policy);
    }
    if (is_for_one) continue;
    mistakes.add(entry.where,
                 "no module offers a service called " + mplane::quoted(entry.label) + guess.hint());
  }
}

}  // namespace mplane
