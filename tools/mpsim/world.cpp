#include "world.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/json.hpp"
#include "mplane/session/http.hpp"
#include "mplane/tools/registries.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace mplane {
namespace {

constexpr std::size_t kHandshakes = 64;  // of all workers; far less than what a supervisor takes

Registry load(const SimOptions& options) {
  return load_registries(options.registries, {}, registry_directories());
}

Capability ping() {
  return Capability::measure("sim-ping")
      .when("now ... future")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .result("delay.twoway.icmp.us.mean")
      .result("delay.twoway.icmp.us.max")
      .result("delay.twoway.icmp.count")
      .build(Registry::core());
}

/// The capabilities in a message; nothing else in a file counts.
void collect(const Message& message, std::vector<Capability>& found) {
  if (const auto* const capability = message.find<Capability>()) found.push_back(*capability);
  if (const auto* const envelope = message.find<Envelope>()) {
    for (const Message& one : envelope->messages()) collect(one, found);
  }
}

Envelope registration_of(const SimOptions& options, const Registry& registry) {
  Envelope envelope;
  envelope.append(Capability::of("callback", "callback").when("now ... future").build(registry));
  for (const Capability& capability : offered_capabilities(options)) envelope.append(capability);
  return envelope;
}

}  // namespace

std::vector<Capability> offered_capabilities(const SimOptions& options) {
  if (options.capabilities.empty()) return {ping()};
  const std::string file = options.capabilities.string();
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream) throw Error(ErrorKind::Configuration, file, "cannot be read");
  std::vector<Capability> found;
  try {
    collect(decode(text, load(options)), found);
  } catch (const Error& error) {
    throw Error(ErrorKind::Configuration, file + ": " + error.where(), error.message());
  }
  if (found.empty()) throw Error(ErrorKind::Configuration, file, "holds no capability");
  return found;
}

World::World(const SimOptions& options, const SocketAddress& supervisor, Engine& engine,
             const std::size_t worker, const std::size_t workers)
    : options_(options),
      supervisor_(Url::parse(options.supervisor)),
      registry_(load(options)),
      random_(options.seed + worker),
      dialer_(options.ca, supervisor_),
      turnstile_(std::max<std::size_t>(1, kHandshakes / workers)),
      channels_{engine, turnstile_, dialer_, supervisor, tally_},
      registration_(request("POST", supervisor_.resolve("register/capability").path(),
                            encode(registration_of(options, registry_)))),
      poll_(request("GET", supervisor_.resolve("show/specification").path(), "")) {}

std::string World::delivery(const Specification& asked, const std::string_view message) const {
  const std::string link = asked.link().value_or("");
  Url to = supervisor_.resolve("register/result");
  if (!link.empty()) {
    // The root of the supervisor's own site means nothing: so it is with the old SDK.
    const Url meant = supervisor_.resolve(link);
    if (meant.same_origin(supervisor_) && meant.path() != "/") to = meant;
  }
  return request("POST", to.path(), message);
}

std::string World::request(const std::string_view method, const std::string& path,
                           const std::string_view body) const {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ");
  text.append(supervisor_.authority()).append("\r\nAccept: ").append(kMediaType);
  if (!body.empty()) {
    text.append("\r\nContent-Type: ").append(kMediaType);
    text.append("\r\nContent-Length: ").append(std::to_string(body.size()));
  }
  return text.append("\r\n\r\n").append(body);
}

}  // namespace mplane
