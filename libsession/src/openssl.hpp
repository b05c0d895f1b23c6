#pragma once

#include "freer.hpp"
#include "mplane/session/identity.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// OpenSSL's objects with one owner each, and what is needed to read them.

namespace mplane::detail {

using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using CrlPtr = std::unique_ptr<X509_CRL, Freer<X509_CRL_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Freer<SSL_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;

/// A BIO that reads a text, which has to outlive it.
BioPtr reader_of(std::string_view text);

/// What OpenSSL's queue of this thread says last, in words, and empties the queue; `otherwise` when
/// it says nothing.
std::string openssl_reason(std::string_view otherwise);

/// The name in a certificate, attribute by attribute.
SubjectName subject_name(const X509_NAME* name);

/// The subject of a certificate, for logs.
std::string name_of(const X509* certificate);
/// Why the subject of a certificate could be read as another's; nothing if it could not.
std::optional<std::string> ambiguity_of(const X509* certificate);
/// The identity that a certificate stands for. @throws Error{Refused} when it is ambiguous.
Identity identity_of(const X509* certificate);

std::chrono::system_clock::time_point to_time_point(const ASN1_TIME* time);

/// "2026-05-01 12:00:00 UTC"
std::string to_text(std::chrono::system_clock::time_point time);

}  // namespace mplane::detail
