#include "authority.hpp"

#include "mplane/model/error.hpp"
#include "mplane/session/pki.hpp"
#include "mplane/tools/key_files.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mplane {
namespace {

constexpr std::size_t kLongestLabel = 63;  // RFC 1035, section 2.3.4
constexpr std::size_t kLongestName = 64;   // ub-common-name of RFC 5280

constexpr bool is_alphanumeric(const char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(const std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](const char c) {
           return is_alphanumeric(c) || c == '-';
         });
}

// The labels of a domain, the top one first, as the elements of a name.
SubjectName subject_of_domain(const std::string& domain) {
  SubjectName subject;
  std::string_view rest = domain;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!is_label(label)) {
      throw Error(ErrorKind::Invalid, "--domain", "\"" + domain + "\" is no domain name");
    }
    subject.insert(subject.begin(), RelativeName{{"DC", std::string(label)}});
    if (dot == std::string_view::npos) return subject;
    rest.remove_prefix(dot + 1);
  }
}

// The part of an authority's name that its certificates share.
SubjectName domain_of(const SubjectName& authority) {
  SubjectName domain;
  for (const RelativeName& element : authority) {
    if (!element.empty() && element.front().type == "DC") domain.push_back(element);
  }
  return domain;
}

void require_name(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= kLongestName && is_alphanumeric(name.front()) &&
                    std::all_of(name.begin(), name.end(), [](const char c) {
                      return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
                    });
  if (fits) return;
  throw Error(ErrorKind::Invalid, "NAME",
              "\"" + name +
                  "\" is no name: up to 64 letters, digits, '-', '_' and '.', a letter or digit "
                  "first");
}

// From a little before now, since clocks differ.
pki::Validity valid_for(const unsigned days) {
  constexpr auto kEarlier = std::chrono::hours(1);
  const auto now = std::chrono::system_clock::now();
  return {now - kEarlier, now + std::chrono::hours(24) * days};
}

}  // namespace

std::string init_authority(const InitRequest& request) {
  SubjectName subject = subject_of_domain(request.domain);
  subject.push_back({{"CN", "mPlane CA"}});
  const pki::Credential authority = pki::make_authority(subject, valid_for(request.days));

  std::error_code error;
  if (std::filesystem::create_directories(request.dir, error)) {
    std::filesystem::permissions(request.dir, std::filesystem::perms::owner_all, error);
  }
  if (error) throw Error(ErrorKind::Configuration, request.dir.string(), error.message());
  const auto certificate = request.dir / "ca.crt";
  const auto key = request.dir / "ca.key";
  write_key_files({{key, authority.key}, {certificate, authority.certificate}}, request.force);
  return "authority of " + request.domain + ": " + certificate.string() + ", " + key.string() +
         " (keep this one to yourself)";
}

std::string issue_certificate(const IssueRequest& request) {
  require_name(request.name);
  const auto ca = request.dir / "ca.crt";
  const pki::Credential authority{read_key_file(ca), read_key_file(request.dir / "ca.key")};

  pki::Request wanted;
  wanted.subject = domain_of(pki::describe(authority.certificate, ca.string()).subject);
  wanted.subject.push_back({{"OU", request.role}});
  wanted.subject.push_back({{"CN", request.name}});
  wanted.dns = request.dns;
  wanted.ips = request.ips;
  wanted.validity = valid_for(request.days);
  wanted.serves = request.role != "client";
  const pki::Credential issued = pki::issue(authority, wanted);

  const std::string stem = request.role + "-" + request.name;
  const auto certificate = request.dir / (stem + ".crt");
  const auto key = request.dir / (stem + ".key");
  write_key_files({{key, issued.key}, {certificate, issued.certificate}}, request.force);
  return identity_of(wanted.subject).text() + ": " + certificate.string() + ", " + key.string();
}

}  // namespace mplane
