#include "certificate.hpp"

#include "mplane/model/address.hpp"
#include "mplane/model/error.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <string_view>

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace mplane::detail {
namespace {

constexpr std::size_t kLongestText = 4'096;

struct Free {
  void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
  void operator()(BIO* bio) const noexcept { ::BIO_free(bio); }
  void operator()(GENERAL_NAMES* names) const noexcept { ::GENERAL_NAMES_free(names); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// What is no plain character is escaped as RFC 2253 does it, and so is what would join names.
void append_printable(std::string_view bytes, std::string_view also, std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : bytes) {
    if (text.size() >= kLongestText) return;
    const auto byte = static_cast<unsigned char>(c);
    if (c >= ' ' && c < 0x7f && also.find(c) == std::string_view::npos) {
      text += c;
    } else {
      text += {'\\', kDigits[byte >> 4U], kDigits[byte & 0xfU]};
    }
  }
}

std::string name_text(const X509_NAME* name) {
  const Owned<BIO> bio(::BIO_new(::BIO_s_mem()));
  if (name == nullptr || bio == nullptr) return {};
  ::X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = ::BIO_ctrl(bio.get(), BIO_CTRL_INFO, 0, &data);
  std::string text;
  if (size > 0) append_printable({data, static_cast<std::size_t>(size)}, "", text);
  return text;
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ::ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Instant(std::chrono::seconds(::timegm(&parts)));
}

std::string address_text(const std::uint8_t* bytes, int length) {
  if (length == 4) return to_string(Address(Ip4({bytes[0], bytes[1], bytes[2], bytes[3]})));
  if (length != 16) return {};
  std::array<std::uint8_t, 16> ip6{};
  std::copy(bytes, bytes + 16, ip6.begin());
  return to_string(Address(Ip6(ip6)));
}

void append_name(const GENERAL_NAME& name, std::string& text) {
  int type = 0;
  const void* const value = ::GENERAL_NAME_get0_value(&name, &type);
  if (type != GEN_DNS && type != GEN_URI && type != GEN_EMAIL && type != GEN_IPADD) return;
  const auto* const string = static_cast<const ASN1_STRING*>(value);
  const std::uint8_t* const bytes = ::ASN1_STRING_get0_data(string);
  const int length = ::ASN1_STRING_length(string);
  if (length <= 0 || text.size() >= kLongestText) return;
  if (!text.empty()) text += ',';
  if (type == GEN_IPADD) {
    text += address_text(bytes, length);
  } else {
    const auto* const characters = reinterpret_cast<const char*>(bytes);
    append_printable({characters, static_cast<std::size_t>(length)}, ",\\", text);
  }
}

std::string names_in(const X509& certificate) {
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(
      ::X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  for (int n = 0; n < count; ++n) append_name(*sk_GENERAL_NAME_value(names.get(), n), text);
  text.resize(std::min(text.size(), kLongestText));
  return text;
}

}  // namespace

CertificateFacts facts_of(const X509& certificate) {
  CertificateFacts facts{.subject = name_text(::X509_get_subject_name(&certificate)),
                         .issuer = name_text(::X509_get_issuer_name(&certificate)),
                         .names = names_in(certificate),
                         .not_before = instant_of(::X509_get0_notBefore(&certificate)),
                         .not_after = instant_of(::X509_get0_notAfter(&certificate))};
  facts.subject.resize(std::min(facts.subject.size(), kLongestText));
  facts.issuer.resize(std::min(facts.issuer.size(), kLongestText));
  ::ERR_clear_error();  // what could not be read is left out
  return facts;
}

std::optional<CertificateFacts> read_certificate(Bytes der) {
  const unsigned char* place = der.data();
  const Owned<X509> certificate(::d2i_X509(nullptr, &place, static_cast<long>(der.size())));
  if (certificate != nullptr) return facts_of(*certificate);
  ::ERR_clear_error();
  return std::nullopt;
}

bool is_for(X509& certificate, const std::string& name) {
  if (is_address(name)) return ::X509_check_ip_asc(&certificate, name.c_str(), 0) == 1;
  return ::X509_check_host(&certificate, name.c_str(), name.size(),
                           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

bool is_address(const std::string& name) {
  try {
    return !Address::parse(name).is_network();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace mplane::detail
