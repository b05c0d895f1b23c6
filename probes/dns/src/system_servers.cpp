#include "system_servers.hpp"

#include "mplane/model/error.hpp"

#include <fstream>
#include <sstream>

namespace mplane::detail {

std::vector<Address> system_servers(const std::string& file) {
  std::vector<Address> servers;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string keyword;
    std::string text;
    if (!(words >> keyword >> text) || keyword != "nameserver") continue;
    try {
      const Address server = Address::parse(text);
      if (!server.is_network()) servers.push_back(server);
    } catch (const Error&) {
      continue;  // as fe80::1%eth0, for which there is no word in our language
    }
  }
  return servers;
}

}  // namespace mplane::detail
