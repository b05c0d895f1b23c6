#include "asker.hpp"

#include "connect.hpp"

#include <utility>

namespace mplane {
namespace {

Url only_url(const Options& options) {
  const std::vector<Url> urls = urls_of(options);
  if (urls.size() == 1) return urls.front();
  throw Error(ErrorKind::Configuration, "--url", "this is asked of one component at a time");
}

}  // namespace

Asker::Asker(const Options& options, const Console& console)
    : url_(only_url(options)), client_(client_options(options, {url_}, console)) {}

std::string Asker::message_url() const {
  const bool lists = url_.path() == "/capability" || url_.path() == "/capabilities";
  return to_string(lists ? url_.resolve("/") : url_);
}

std::vector<Capability> Asker::discover(std::stop_token stop) {
  return client_.discover(to_string(url_), std::move(stop));
}

Capability Asker::discover(const std::string_view label_or_token, std::stop_token stop) {
  return only_one(discover(std::move(stop)), label_or_token, to_string(url_));
}

std::string Asker::component_of(const Capability& capability) const {
  const Offer* const offer = client_.find(capability.token());
  return offer == nullptr ? url_.authority() : name_of_peer(offer->peer, offer->found_at);
}

}  // namespace mplane
