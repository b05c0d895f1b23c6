#include "mplane/session/pki.hpp"

#include "mplane/model/error.hpp"
#include "openssl.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

namespace mplane::pki {
namespace {

using detail::Freer;

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using IntegerPtr = std::unique_ptr<ASN1_INTEGER, Freer<ASN1_INTEGER_free>>;
using NamePtr = std::unique_ptr<X509_NAME, Freer<X509_NAME_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, Freer<X509_REVOKED_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>>;

constexpr long kVersion3 = 2;     // X.509 counts from zero
constexpr long kCrlVersion2 = 1;  // so do revocation lists

void require(bool done, const char* what) {
  if (done) return;
  throw Error(ErrorKind::Internal, what, detail::openssl_reason("OpenSSL failed"));
}

/// 127 random bits: no two certificates of an authority get the same, and DER keeps it positive.
IntegerPtr random_serial() {
  std::array<unsigned char, 16> bytes{};
  require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "serial number");
  bytes[0] &= 0x7F;
  bytes[0] |= 0x40;
  const std::unique_ptr<BIGNUM, Freer<BN_free>> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return IntegerPtr(BN_to_ASN1_INTEGER(number.get(), nullptr));
}

TimePtr to_asn1(Time time) {
  return TimePtr(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
}

NamePtr to_x509(const SubjectName& subject) {
  NamePtr name(X509_NAME_new());
  for (const RelativeName& rdn : subject) {
    for (const NameAttribute& attribute : rdn) {
      const auto* const value = reinterpret_cast<const unsigned char*>(attribute.value.data());
      const bool joins = &attribute != &rdn.front();
      if (X509_NAME_add_entry_by_txt(name.get(), attribute.type.c_str(), MBSTRING_UTF8, value,
                                     static_cast<int>(attribute.value.size()), -1,
                                     joins ? -1 : 0) != 1) {
        throw Error(ErrorKind::Invalid, attribute.type,
                    "\"" + attribute.value + "\" cannot stand in a certificate's name: " +
                        detail::openssl_reason("unknown reason"));
      }
    }
  }
  if (X509_NAME_entry_count(name.get()) == 0) {
    throw Error(ErrorKind::Invalid, "subject", "a certificate needs a name");
  }
  return name;
}

void extend(X509* certificate, const X509V3_CTX& context, int extension, const char* value) {
  X509V3_CTX copy = context;
  const ExtensionPtr made(X509V3_EXT_conf_nid(nullptr, &copy, extension, value));
  require(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1, value);
}

void add_name(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  require(value != nullptr, "subject alternative name");
  GENERAL_NAME* const name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, type, value);
  sk_GENERAL_NAME_push(names, name);
}

void add_alternative_names(X509* certificate, const Request& request) {
  if (request.dns.empty() && request.ips.empty()) return;
  const detail::GeneralNamesPtr names(sk_GENERAL_NAME_new_null());
  for (const std::string& dns : request.dns) {
    const bool plain = !dns.empty() && dns.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789-._*") == std::string::npos;
    if (!plain) throw Error(ErrorKind::Invalid, "dns", "\"" + dns + "\" is not a host name");
    ASN1_STRING* const text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, dns.data(), static_cast<int>(dns.size()));
    add_name(names.get(), GEN_DNS, text);
  }
  for (const std::string& ip : request.ips) {
    ASN1_OCTET_STRING* const address = a2i_IPADDRESS(ip.c_str());
    ERR_clear_error();
    if (address == nullptr) {
      throw Error(ErrorKind::Invalid, "ip", "\"" + ip + "\" is not an IP address");
    }
    add_name(names.get(), GEN_IPADD, address);
  }
  require(
      X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1,
      "subject alternative names");
}

/// A certificate without extensions and signature.
detail::X509Ptr draft(const X509_NAME* subject, const X509_NAME* issuer, EVP_PKEY* key,
                      const Validity& validity) {
  detail::X509Ptr certificate(X509_new());
  const bool done = X509_set_version(certificate.get(), kVersion3) == 1 &&
                    X509_set_serialNumber(certificate.get(), random_serial().get()) == 1 &&
                    X509_set1_notBefore(certificate.get(), to_asn1(validity.from).get()) == 1 &&
                    X509_set1_notAfter(certificate.get(), to_asn1(validity.until).get()) == 1 &&
                    X509_set_subject_name(certificate.get(), subject) == 1 &&
                    X509_set_issuer_name(certificate.get(), issuer) == 1 &&
                    X509_set_pubkey(certificate.get(), key) == 1;
  require(done, "certificate");
  return certificate;
}

detail::KeyPtr make_key() {
  detail::KeyPtr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "P-256 key");
  return key;
}

std::string text_of(const detail::BioPtr& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Credential to_pem(X509* certificate, EVP_PKEY* key) {
  const detail::BioPtr certificate_bio(BIO_new(BIO_s_mem()));
  const detail::BioPtr key_bio(BIO_new(BIO_s_secmem()));
  require(PEM_write_bio_X509(certificate_bio.get(), certificate) == 1 &&
              PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr,
                                            nullptr) == 1,
          "PEM");
  return {text_of(certificate_bio), text_of(key_bio)};
}

detail::X509Ptr read_certificate(std::string_view pem, std::string_view where) {
  detail::X509Ptr certificate(
      PEM_read_bio_X509(detail::reader_of(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (certificate) return certificate;
  throw Error(ErrorKind::Configuration, std::string(where), "holds no PEM certificate");
}

/// An authority's certificate and key, ready to sign with.
struct Authority {
  explicit Authority(const Credential& pem)
      : certificate(read_certificate(pem.certificate, "authority")),
        key(PEM_read_bio_PrivateKey(detail::reader_of(pem.key).get(), nullptr, nullptr, nullptr)) {
    const bool usable = key && X509_check_private_key(certificate.get(), key.get()) == 1 &&
                        X509_check_ca(certificate.get()) == 1;
    ERR_clear_error();
    if (usable) return;
    throw Error(ErrorKind::Configuration, "authority",
                "its key is missing or not its own, or it may not issue certificates");
  }

  detail::X509Ptr certificate;
  detail::KeyPtr key;
};

std::string to_text(const GENERAL_NAME* name) {
  int type = 0;
  const auto* const value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
  const unsigned char* const data = ASN1_STRING_get0_data(value);
  const int size = ASN1_STRING_length(value);
  if (type != GEN_IPADD) return {data, data + size};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (size == sizeof(in_addr)) inet_ntop(AF_INET, data, text.data(), text.size());
  if (size == sizeof(in6_addr)) inet_ntop(AF_INET6, data, text.data(), text.size());
  return text.data();
}

std::string hex(const ASN1_INTEGER* number) {
  const std::unique_ptr<BIGNUM, Freer<BN_free>> value(ASN1_INTEGER_to_BN(number, nullptr));
  char* const text = BN_bn2hex(value.get());
  std::string result(text);
  OPENSSL_free(text);
  return result;
}

}  // namespace

Credential make_authority(const SubjectName& subject, const Validity& validity) {
  const detail::KeyPtr key = make_key();
  const NamePtr name = to_x509(subject);
  const detail::X509Ptr certificate = draft(name.get(), name.get(), key.get(), validity);
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate.get(), certificate.get(), nullptr, nullptr, 0);
  extend(certificate.get(), context, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  extend(certificate.get(), context, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(certificate.get(), context, NID_subject_key_identifier, "hash");
  require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "signature");
  return to_pem(certificate.get(), key.get());
}

Credential issue(const Credential& authority, const Request& request) {
  const Authority issuer(authority);
  const detail::KeyPtr key = make_key();
  const NamePtr name = to_x509(request.subject);
  const detail::X509Ptr certificate = draft(
      name.get(), X509_get_subject_name(issuer.certificate.get()), key.get(), request.validity);
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer.certificate.get(), certificate.get(), nullptr, nullptr, 0);
  extend(certificate.get(), context, NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate.get(), context, NID_key_usage, "critical,digitalSignature");
  extend(certificate.get(), context, NID_ext_key_usage,
         request.serves ? "serverAuth,clientAuth" : "clientAuth");
  extend(certificate.get(), context, NID_subject_key_identifier, "hash");
  extend(certificate.get(), context, NID_authority_key_identifier, "keyid:always");
  add_alternative_names(certificate.get(), request);
  require(X509_sign(certificate.get(), issuer.key.get(), EVP_sha256()) > 0, "signature");
  return to_pem(certificate.get(), key.get());
}

std::string revoke(const Credential& authority, const std::vector<std::string>& certificates,
                   const Validity& validity) {
  const Authority issuer(authority);
  const detail::CrlPtr list(X509_CRL_new());
  const TimePtr from = to_asn1(validity.from);
  bool done =
      X509_CRL_set_version(list.get(), kCrlVersion2) == 1 &&
      X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer.certificate.get())) == 1 &&
      X509_CRL_set1_lastUpdate(list.get(), from.get()) == 1 &&
      X509_CRL_set1_nextUpdate(list.get(), to_asn1(validity.until).get()) == 1;
  for (const std::string& pem : certificates) {
    const detail::X509Ptr certificate = read_certificate(pem, "certificate to revoke");
    RevokedPtr entry(X509_REVOKED_new());
    ASN1_INTEGER* const serial = X509_get_serialNumber(certificate.get());
    done = done && X509_REVOKED_set_serialNumber(entry.get(), serial) == 1 &&
           X509_REVOKED_set_revocationDate(entry.get(), from.get()) == 1 &&
           X509_CRL_add0_revoked(list.get(), entry.get()) == 1;
    if (done) static_cast<void>(entry.release());  // the list owns it now
  }
  done = done && X509_CRL_sort(list.get()) == 1 &&
         X509_CRL_sign(list.get(), issuer.key.get(), EVP_sha256()) > 0;
  const detail::BioPtr bio(BIO_new(BIO_s_mem()));
  require(done && PEM_write_bio_X509_CRL(bio.get(), list.get()) == 1, "revocation list");
  return text_of(bio);
}

Description describe(std::string_view pem, std::string_view where) {
  const detail::X509Ptr certificate = read_certificate(pem, where);
  const X509_NAME* const issuer = X509_get_issuer_name(certificate.get());
  Description description;
  description.subject = detail::subject_name(X509_get_subject_name(certificate.get()));
  description.identity = mplane::identity_of(description.subject);
  description.issuer = mplane::identity_of(detail::subject_name(issuer));
  description.validity = {detail::to_time_point(X509_get0_notBefore(certificate.get())),
                          detail::to_time_point(X509_get0_notAfter(certificate.get()))};
  description.serial = hex(X509_get0_serialNumber(certificate.get()));
  description.is_authority = X509_check_ca(certificate.get()) == 1;
  description.serves = X509_check_purpose(certificate.get(), X509_PURPOSE_SSL_SERVER, 0) == 1;
  const detail::GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) description.dns.push_back(to_text(name));
    if (name->type == GEN_IPADD) description.ips.push_back(to_text(name));
  }
  return description;
}

}  // namespace mplane::pki
