#include "description.hpp"

#include "mplane/model/time.hpp"
#include "mplane/session/pki.hpp"
#include "mplane/tools/key_files.hpp"

#include <chrono>
#include <string_view>
#include <vector>

namespace mplane {
namespace {

std::string line(const std::string_view name, const std::string& value) {
  constexpr std::size_t kColumn = 10;
  std::string text(name);
  text.append(kColumn - name.size(), ' ');
  return text + value + "\n";
}

std::string time_text(const pki::Time time) {
  const auto instant = std::chrono::time_point_cast<Duration>(time);
  return to_string(Time(instant), Precision::Seconds) + " UTC";
}

// When it is good, and whether it is now.
std::string validity_text(const pki::Validity& validity) {
  const auto now = std::chrono::system_clock::now();
  const std::string text = time_text(validity.from) + " to " + time_text(validity.until);
  if (now < validity.from) return text + " (not yet)";
  if (now > validity.until) return text + " (expired)";
  const auto days = std::chrono::duration_cast<std::chrono::hours>(validity.until - now) / 24;
  return text + " (" + std::to_string(days.count()) + " days left)";
}

std::string names_text(const pki::Description& certificate) {
  std::vector<std::string> names = certificate.dns;
  names.insert(names.end(), certificate.ips.begin(), certificate.ips.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// What it is good for.
std::string use_text(const pki::Description& certificate) {
  if (certificate.is_authority) return "to sign others";
  return certificate.serves ? "server, client" : "client";
}

}  // namespace

std::string describe_certificate(const std::filesystem::path& file) {
  const pki::Description certificate = pki::describe(read_key_file(file), file.string());
  return line("identity", certificate.identity.text()) + line("issuer", certificate.issuer.text()) +
         line("validity", validity_text(certificate.validity)) +
         line("names", names_text(certificate)) + line("use", use_text(certificate)) +
         line("serial", certificate.serial) +
         line("authority", certificate.is_authority ? "yes" : "no");
}

}  // namespace mplane
