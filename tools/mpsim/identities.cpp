#include "identities.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace mplane {
namespace {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream) return text;
  throw Error(ErrorKind::Configuration, file.string(),
              "cannot be read: " + std::generic_category().message(errno));
}

/// Long enough for the longest run, and no longer: nobody can use these for anything else.
pki::Validity validity() {
  constexpr std::chrono::hours kClocksDiffer{1};
  constexpr std::chrono::hours kLongest{30 * 24};
  const auto now = std::chrono::system_clock::now();
  return {now - kClocksDiffer, now + kLongest};
}

}  // namespace

Identities::Identities(const std::filesystem::path& folder, std::string name)
    : name_(std::move(name)),
      authority_{read_file(folder / "ca.crt"), read_file(folder / "ca.key")} {
  const pki::Description authority =
      pki::describe(authority_.certificate, (folder / "ca.crt").string());
  for (const RelativeName& element : authority.subject) {
    if (!element.empty() && element.front().type == "DC") domain_.push_back(element);
  }
}

pki::Credential Identities::issue(const std::size_t component) const {
  pki::Request request;
  request.subject = domain_;
  request.subject.push_back({{"OU", "component"}});
  request.subject.push_back({{"CN", name_ + "-" + std::to_string(component + 1)}});
  request.validity = validity();
  request.serves = false;  // it only connects
  return pki::issue(authority_, request);
}

}  // namespace mplane
