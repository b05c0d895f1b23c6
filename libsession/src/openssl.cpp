#include "openssl.hpp"

#include "mplane/model/error.hpp"

#include <array>
#include <ctime>

#include <openssl/err.h>

namespace mplane::detail {
namespace {

std::string utf8_of(const ASN1_STRING* value) {
  unsigned char* bytes = nullptr;
  const int size = ASN1_STRING_to_UTF8(&bytes, value);
  if (size < 0) return {};
  std::string text(bytes, bytes + size);
  OPENSSL_free(bytes);
  return text;
}

std::string type_of(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  const char* const name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
  if (name != nullptr) return name;
  std::array<char, 80> text{};
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  return text.data();
}

}  // namespace

BioPtr reader_of(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string openssl_reason(std::string_view otherwise) {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text(reason == nullptr ? otherwise : std::string_view(reason));
  ERR_clear_error();
  return text;
}

SubjectName subject_name(const X509_NAME* name) {
  SubjectName subject;
  int set = -1;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* const entry = X509_NAME_get_entry(name, i);
    if (X509_NAME_ENTRY_set(entry) != set) subject.emplace_back();
    set = X509_NAME_ENTRY_set(entry);
    subject.back().push_back(
        {type_of(X509_NAME_ENTRY_get_object(entry)), utf8_of(X509_NAME_ENTRY_get_data(entry))});
  }
  return subject;
}

std::string name_of(const X509* certificate) {
  return mplane::identity_of(subject_name(X509_get_subject_name(certificate))).text();
}

std::optional<std::string> ambiguity_of(const X509* certificate) {
  for (const RelativeName& rdn : subject_name(X509_get_subject_name(certificate))) {
    if (rdn.size() < 2) continue;
    return "its subject has several attributes in one element (" + rdn[0].type + "=" +
           rdn[0].value + " + " + rdn[1].type + "=" + rdn[1].value +
           "), so that it could be read as another identity";
  }
  return {};
}

Identity identity_of(const X509* certificate) {
  if (const auto why = ambiguity_of(certificate)) throw Error(ErrorKind::Refused, "subject", *why);
  return mplane::identity_of(subject_name(X509_get_subject_name(certificate)));
}

std::chrono::system_clock::time_point to_time_point(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string to_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

}  // namespace mplane::detail
