// Temporal scopes (kinds parse, in_scope, follows, iterator).

#include "mplane/model/error.hpp"
#include "mplane/model/when.hpp"
#include "vector_kind.hpp"

#include <optional>

using mplane::Duration;
using mplane::Instant;
using mplane::Time;
using mplane::When;

namespace {

Instant instant(const Json& text) { return Time::parse(text.text()).instant(); }

Json seconds(const Duration duration) {
  if (duration == Duration::max()) return "inf";
  if (duration == Duration::min()) return "-inf";
  return std::chrono::duration<double>(duration).count();
}

Json seconds(const std::optional<Duration>& duration) {
  return duration ? seconds(*duration) : Json();
}

// A time as the vectors write it in an interval, where what is open has none.
Json closed(const Time time) { return time.is_definite() ? Json(to_string(time)) : Json(); }

Json::Array numbers(const std::string_view list) {
  Json::Array numbers;
  std::size_t at = 0;
  while (at < list.size()) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    numbers.emplace_back(std::stoi(std::string(list.substr(at, comma - at))));
    at = comma + 1;
  }
  return numbers;
}

Json crontab_json(const mplane::Crontab* const crontab) {
  if (crontab == nullptr) return nullptr;
  std::string text = to_string(*crontab);
  Json::Object fields;
  for (const auto* const name : {"seconds", "minutes", "hours", "days", "weekdays", "months"}) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    fields[name] = numbers(text.substr(0, blank));
    text.erase(0, blank + 1);
  }
  return fields;
}

Json parts_of(const When& when) {
  const bool repeated = when.is_repeated();
  return Json::Object{
      {"a", to_string(when.start())},
      {"b", when.end() ? Json(to_string(*when.end())) : Json()},
      {"duration_s", seconds(when.duration())},
      {"period_s", seconds(when.period())},
      {"repeated", repeated},
      {"crontab", crontab_json(when.crontab())},
      {"inner_duration_s", repeated ? seconds(when.inner().duration()) : Json()},
      {"inner_period_s", repeated ? seconds(when.inner().period()) : Json()},
  };
}

Json seen_at(const When& when, const Json& tzero) {
  const Instant now = instant(tzero);
  const auto [start, end] = when.interval(now);
  const auto delays = when.timer_delays(now);
  return Json::Object{
      {"tzero", tzero},
      {"datetimes", Json::Array{closed(start), closed(end)}},
      {"duration_s", seconds(when.length(now))},
      {"timer_delays", Json::Array{seconds(delays.start), seconds(delays.end)}},
  };
}

// The nows at which a case wants a scope to be seen.
Json::Array tzeros_of(const Json& vector_case) {
  Json::Array tzeros;
  const Json* at = vector_case.at("expected").find("at");
  if (at == nullptr || !at->is_array()) return tzeros;
  for (const Json& view : at->array()) tzeros.push_back(view.at("tzero"));
  return tzeros;
}

}  // namespace

Json answer_when_parse(const Json& vector_case, const VectorFile&) {
  const When when = When::parse(vector_case.at("input").text());
  Json::Array views;
  for (const Json& tzero : tzeros_of(vector_case)) views.push_back(seen_at(when, tzero));
  return Json::Object{
      {"str", to_string(when)},
      {"reparsed_str", to_string(When::parse(to_string(when)))},
      {"parts", parts_of(when)},
      {"period_s", seconds(when.period())},
      {"is_definite", when.is_definite()},
      {"is_forever", when.is_forever()},
      {"is_future", when.is_future()},
      {"is_immediate", when.is_immediate()},
      {"is_infinite", when.is_infinite()},
      {"is_past", when.is_past()},
      {"is_repeated", when.is_repeated()},
      {"is_singleton", when.is_singleton()},
      {"at", views},
  };
}

Json answer_in_scope(const Json& vector_case, const VectorFile&) {
  const When when = When::parse(vector_case.at("when").text());
  const Time time = Time::parse(vector_case.at("t").text());
  const Instant now = instant(vector_case.at("tzero"));
  return Json::Object{{"sort_scope", seconds(when.distance(time, now))},
                      {"in_scope", when.contains(time, now)}};
}

Json answer_follows(const Json& vector_case, const VectorFile&) {
  const When specification = When::parse(vector_case.at("spec").text());
  const When capability = When::parse(vector_case.at("cap").text());
  return specification.follows(capability, instant(vector_case.at("tzero")));
}

Json answer_iterator(const Json& vector_case, const VectorFile&) {
  const When when = When::parse(vector_case.at("input").text());
  const Instant now = instant(vector_case.at("tzero"));
  const auto limit = static_cast<std::size_t>(vector_case.at("n").number());
  Json::Array runs;
  for (const Instant start : when.starts(now, now, limit)) {
    runs.emplace_back(to_string(when.run_at(start)));
  }
  const bool exhausted = runs.size() < limit;
  return Json::Object{{"first", std::move(runs)}, {"exhausted", exhausted}};
}
