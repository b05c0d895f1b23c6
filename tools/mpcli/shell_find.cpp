// The shell's commands that find what there is: seturl, getcap, listcap, showcap, explain.

#include "attended.hpp"
#include "mplane/model/json.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/text.hpp"
#include "shell_session.hpp"
#include "show_capability.hpp"

#include <algorithm>
#include <ostream>

namespace mplane {
namespace {

std::string name_of(const Offer& offer) {
  const Capability& capability = offer.capability;
  return capability.label().empty() ? capability.token() : capability.label();
}

/// The number that a text is, from 1; 0 when it is none.
std::size_t number_in(const std::string& text) {
  const bool digits =
      !text.empty() && text.size() < 9 &&
      std::all_of(text.begin(), text.end(), [](const char c) { return c >= '0' && c <= '9'; });
  return digits ? std::stoul(text) : 0;
}

}  // namespace

void ShellSession::seturl(const std::string& rest) {
  const auto url = given(rest, "url = ", &ShellSession::urls);
  if (!url) return;
  options_.urls = {to_string(Url::parse(*url))};
}

void ShellSession::getcap(const std::string& rest) {
  if (rest.empty() && options_.urls.empty()) seturl("");
  const Words urls = rest.empty() ? options_.urls : Words{to_string(Url::parse(rest))};
  for (const std::string& url : urls) {
    attended([&](Watch& watch) {
      const auto found = client_.discover(url, watch.stop());
      console_.out << "ok, " << counted(found.size(), "capability", "capabilities") << " at "
                   << printable(url) << '\n';
    });
    const bool known =
        std::find(options_.urls.begin(), options_.urls.end(), url) != options_.urls.end();
    if (!known) options_.urls = {url};
  }
}

void ShellSession::listcap(const std::string&) {
  TextTable table({TextTable::Align::Right, TextTable::Align::Left, TextTable::Align::Left,
                   TextTable::Align::Left});
  std::size_t number = 0;
  for (const Offer& one : client_.offers()) {
    table.add({std::to_string(++number), name_of(one), one.capability.token().substr(0, 8),
               name_of_peer(one.peer, one.found_at)});
  }
  if (number == 0) console_.err << "mpcli: nothing was found yet; 'getcap URL' finds it\n";
  console_.out << table.to_string() << std::flush;
}

const Offer& ShellSession::offer(const std::string& name) const {
  const auto& offers = client_.offers();
  if (const std::size_t number = number_in(name); number > 0 && number <= offers.size()) {
    return offers[number - 1];
  }
  std::vector<const Offer*> found;
  for (const Offer& one : offers) {
    const std::string token = one.capability.token();
    const bool by_token = name.size() >= 8 && token.starts_with(name);
    if (one.capability.label() == name || token == name || by_token) found.push_back(&one);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty()) {
    throw Error(ErrorKind::Unknown, "",
                "no capability " + mplane::quoted(name) + " was found; 'listcap' lists them");
  }
  throw Error(ErrorKind::Configuration, "",
              "several are called " + mplane::quoted(name) + "; 'listcap' gives them numbers");
}

std::optional<Offer> ShellSession::asked_offer(const std::string& rest) {
  const auto name = given(rest, "capability = ", &ShellSession::capability_names);
  if (!name) return {};
  return offer(*name);
}

void ShellSession::showcap(const std::string& rest) {
  const auto found = asked_offer(rest);
  if (!found) return;
  const std::string component = name_of_peer(found->peer, found->found_at);
  console_.out << (format() == Format::Json ? encode(found->capability, {.pretty = true}) + "\n"
                                            : describe(found->capability, component))
               << std::flush;
}

void ShellSession::explaincap(const std::string& rest) {
  const auto found = asked_offer(rest);
  if (!found) return;
  const std::string component = name_of_peer(found->peer, found->found_at);
  console_.out << explain(found->capability, component, screen_of_output().width) << std::flush;
}

}  // namespace mplane
