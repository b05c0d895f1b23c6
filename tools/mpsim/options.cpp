#include "options.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/setting_duration.hpp"
#include "mplane/session/url.hpp"
#include "mplane/tools/run_main.hpp"

#include <charconv>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

namespace mplane {
namespace {

constexpr std::size_t kMostComponents = 10'000'000;
constexpr const char* kLocalSources = "127.0.1.0/24";

/// Options whose texts are read once all are there.
struct Texts {
  std::string from;
  std::string answer_after = "50ms..2s";
  std::string time = "60s";
  std::string flap = "0";
  std::string slow = "0";
  std::string lie = "0";
  std::string die = "0";
};

void add_fleet(CLI::App& app, SimOptions& options, Texts& texts) {
  app.add_option("--components", options.components, "How many")
      ->type_name("NUMBER")
      ->check(CLI::Range(std::size_t{1}, kMostComponents))
      ->required();
  app.add_option("--supervisor", options.supervisor, "Where they register: https://host:port/")
      ->type_name("URL")
      ->required();
  app.add_option("--pki", options.pki, "Folder of the authority that names them (mppki init)")
      ->type_name("FOLDER")
      ->required();
  app.add_option("--tls-ca", options.ca, "Whom they believe; ca.crt of --pki unless given")
      ->type_name("FILE");
  app.add_option("--name", options.name, "What they are called: NAME-1, NAME-2, …")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--from", texts.from,
                 "Addresses they connect from; 127.0.1.0/24 for a supervisor at 127.x, else the "
                 "system's choice")
      ->type_name("NETWORK");
  app.add_option("--capabilities", options.capabilities,
                 "What each offers: capabilities as JSON; a ping unless given")
      ->type_name("FILE");
  app.add_option("--registry", options.registries, "A registry these need; repeatable")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

void add_conduct(CLI::App& app, SimOptions& options, Texts& texts) {
  app.add_option("--answer-after", texts.answer_after, "How long a measurement takes")
      ->type_name("LEAST..MOST")
      ->capture_default_str();
  app.add_option("--for", texts.time, "How long it lasts; inf is until it is stopped")
      ->type_name("DURATION")
      ->capture_default_str();
  const auto add_part = [&](const char* name, std::string& text, const char* what) {
    app.add_option(name, text, what)->type_name("PART")->capture_default_str();
  };
  add_part("--flap", texts.flap, "Part of them (0.1, 10%) that goes away and comes back");
  add_part("--slow", texts.slow, "Part that takes ten times as long to answer");
  add_part("--lie", texts.lie, "Part that sends what nobody asked, or nobody can read");
  add_part("--die", texts.die, "Part that goes away for good");
  app.add_option("--seed", options.seed, "Of all that is left to chance")
      ->type_name("NUMBER")
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print what was seen as a JSON object");
}

double number_of(const std::string_view text, const std::string_view whole) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (read.ec == std::errc() && read.ptr == end) return number;
  throw Error(ErrorKind::Malformed, "", mplane::quoted(whole) + " is no part such as 0.1 or 10%");
}

template <typename Read>
auto read_option(const char* const name, const std::string& text, const Read& read) {
  try {
    return read(text);
  } catch (const Error& error) {
    throw Error(ErrorKind::Configuration, name, error.message());
  }
}

Misbehaviour read_misbehaviour(const Texts& texts) {
  const Misbehaviour found{
      read_option("--flap", texts.flap, parse_part), read_option("--slow", texts.slow, parse_part),
      read_option("--lie", texts.lie, parse_part), read_option("--die", texts.die, parse_part)};
  if (found.flap + found.slow + found.lie + found.die <= 1) return found;
  throw Error(ErrorKind::Configuration, "--flap, --slow, --lie, --die", "are more than all");
}

void read_places(const Texts& texts, SimOptions& options) {
  const Url url = read_option("--supervisor", options.supervisor, Url::parse);
  if (!url.is_secure()) {
    throw Error(ErrorKind::Configuration, "--supervisor",
                "components are told apart by their certificates: https is needed");
  }
  if (!texts.from.empty()) {
    options.from = read_option("--from", texts.from, SourceAddresses::parse);
    if (url.is_address() && url.host().find(':') != std::string::npos) {
      throw Error(ErrorKind::Configuration, "--from",
                  "is of IPv4, and the supervisor's address of IPv6");
    }
  } else if (url.host().starts_with("127.") || url.host() == "localhost") {
    options.from = SourceAddresses::parse(kLocalSources);
  }
  if (options.ca.empty()) options.ca = options.pki / "ca.crt";
}

}  // namespace

TimeRange parse_time_range(const std::string_view text) {
  const std::size_t dots = text.find("..");
  const Duration least = parse_setting_duration(text.substr(0, dots));
  const Duration most =
      dots == std::string_view::npos ? least : parse_setting_duration(text.substr(dots + 2));
  if (least <= most && most < std::chrono::hours(24)) return {least, most};
  throw Error(ErrorKind::Malformed, "",
              mplane::quoted(text) + " is no range of times within a day, the lower one first");
}

double parse_part(const std::string_view text) {
  const bool is_percentage = text.ends_with('%');
  const double part = is_percentage ? number_of(text.substr(0, text.size() - 1), text) / 100
                                    : number_of(text, text);
  if (part >= 0 && part <= 1) return part;
  throw Error(ErrorKind::Malformed, "", mplane::quoted(text) + " is not between none and all");
}

std::optional<int> read_options(const int argc, const char* const* const argv,
                                SimOptions& options) {
  CLI::App app(
      "Plays a fleet of components that register with a supervisor and answer what they are asked, "
      "to see what it can take.",
      "mpsim");
  app.set_version_flag("--version", std::string(version_text()), "Show the version");
  app.get_formatter()->label("TEXT", "");
  Texts texts;
  add_fleet(app, options, texts);
  add_conduct(app, options, texts);
  app.footer(
      "Exit codes: 0 all registered, 1 internal error, 2 wrong usage or a limit of this machine,\n"
      "3 none was let in, 5 the supervisor cannot be reached, 6 some did not register.\n"
      "Example:\n"
      "  mpsim --components 1000 --supervisor https://127.0.0.1:8888/ --pki pki --for 60s");
  if (const auto code = read_command_line(app, argc, argv)) return code;
  read_places(texts, options);
  options.answer_after = read_option("--answer-after", texts.answer_after, parse_time_range);
  options.time = read_option("--for", texts.time, parse_setting_duration);
  options.misbehaviour = read_misbehaviour(texts);
  return {};
}

}  // namespace mplane
