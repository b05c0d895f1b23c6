#include "mplane/session/tls.hpp"

#include "mplane/model/error.hpp"
#include "tls_material.hpp"
#include "transport.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <sys/stat.h>
#include <system_error>

#include <openssl/err.h>
#include <openssl/pem.h>

namespace mplane {
namespace detail {
namespace {

using std::chrono::system_clock;

constexpr std::chrono::hours kWarnBeforeEnd{30 * 24};
/// Revocation lists are renewed often: then a month is no time to warn for.
constexpr int kPartOfList = 3;
/// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
/// A session may be resumed for an hour: then certificates and revocation are looked at again.
constexpr long kSessionSeconds = 3600;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Error(ErrorKind::Configuration, file.string(), why);
}

std::string read_file(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, Freer<std::fclose>> stream(std::fopen(file.c_str(), "rb"));
  std::string text;
  std::array<char, 4096> chunk{};
  std::size_t bytes = 0;
  while (stream && (bytes = std::fread(chunk.data(), 1, chunk.size(), stream.get())) > 0) {
    text.append(chunk.data(), bytes);
  }
  if (!stream || std::ferror(stream.get()) != 0) {
    refuse(file, "cannot be read: " + std::generic_category().message(errno));
  }
  return text;
}

std::vector<X509Ptr> read_certificates(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  const BioPtr bio = reader_of(text);
  std::vector<X509Ptr> certificates;
  while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(certificate);
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = openssl_reason("unknown format");
  if (!ended) refuse(file, "a certificate in it cannot be read: " + reason);
  if (certificates.empty()) refuse(file, "holds no PEM certificate");
  return certificates;
}

std::string out_of_validity(const X509* certificate) {
  const auto now = system_clock::now();
  const auto from = to_time_point(X509_get0_notBefore(certificate));
  const auto until = to_time_point(X509_get0_notAfter(certificate));
  if (now < from) return "the certificate is not valid before " + to_text(from);
  if (now > until) return "the certificate expired at " + to_text(until);
  return {};
}

TlsEnding ending_of(const X509* certificate, TlsEnding::What what,
                    const std::filesystem::path& file) {
  return {what, file, name_of(certificate), to_time_point(X509_get0_notBefore(certificate)),
          to_time_point(X509_get0_notAfter(certificate))};
}

KeyPtr read_key(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
  KeyPtr key(PEM_read_bio_PrivateKey(reader_of(text).get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (key) return key;
  if (text.find("ENCRYPTED") != std::string::npos) {
    refuse(file, "the private key is encrypted: a daemon has nobody to ask for the pass phrase");
  }
  refuse(file, "holds no PEM private key");
}

void warn_of_open_key(const std::filesystem::path& file, const LogSink& sink) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  log(sink, {Severity::Warning,
             "tls",
             "others than its owner can use the private key; chmod 600 helps",
             {{"file", file.string()}}});
}

}  // namespace

TlsMaterial::TlsMaterial(const TlsOptions& options, const LogSink& log) {
  ERR_clear_error();
  load_trust(options, log);
  if (options.cert.empty() != options.key.empty()) {
    refuse(options.cert.empty() ? options.key : options.cert,
           "a certificate and its key are needed together");
  }
  if (!options.cert.empty()) {
    load_certificate(options, log);
    make_server_context();
  }
  const auto now = system_clock::now();
  for (const TlsEnding& ending : endings_) {
    if (const auto warning = warning_of(ending, now)) mplane::log(log, *warning);
  }
}

void TlsMaterial::load_trust(const TlsOptions& options, const LogSink& sink) {
  if (options.ca.empty()) {
    throw Error(ErrorKind::Configuration, "tls/ca", "the authorities' certificates are not named");
  }
  authorities_ = read_certificates(options.ca);
  store_.reset(X509_STORE_new());
  std::string invalid;
  std::size_t valid = 0;
  for (const X509Ptr& authority : authorities_) {
    const std::string why = out_of_validity(authority.get());
    if (why.empty()) {
      ++valid;
      endings_.push_back(ending_of(authority.get(), TlsEnding::What::Authority, options.ca));
    } else {
      invalid = why;
      log(sink, {Severity::Warning, "tls", why, {{"file", options.ca.string()}}});
    }
    X509_STORE_add_cert(store_.get(), authority.get());
  }
  if (valid == 0) refuse(options.ca, invalid);
  if (!options.crl.empty()) load_revocations(options.crl);
}

void TlsMaterial::load_revocations(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  const BioPtr bio = reader_of(text);
  bool any = false;
  while (const CrlPtr crl{PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)}) {
    if (const ASN1_TIME* const next = X509_CRL_get0_nextUpdate(crl.get())) {
      const TlsEnding ending{
          TlsEnding::What::RevocationList, file,
          mplane::identity_of(subject_name(X509_CRL_get_issuer(crl.get()))).text(),
          to_time_point(X509_CRL_get0_lastUpdate(crl.get())), to_time_point(next)};
      // OpenSSL refuses everyone by an outdated list: better to say so here.
      if (ending.until < system_clock::now()) {
        refuse(file, "the revocation list was to be renewed by " + to_text(ending.until));
      }
      endings_.push_back(ending);
    }
    X509_STORE_add_crl(store_.get(), crl.get());
    any = true;
  }
  const bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = openssl_reason("unknown format");
  if (any && !ended) refuse(file, "a revocation list in it cannot be read: " + reason);
  if (!any) refuse(file, "holds no PEM revocation list");
  X509_STORE_set_flags(store_.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

void TlsMaterial::load_certificate(const TlsOptions& options, const LogSink& sink) {
  chain_ = read_certificates(options.cert);
  key_ = read_key(options.key);
  warn_of_open_key(options.key, sink);
  const bool fits = X509_check_private_key(certificate(), key_.get()) == 1;
  ERR_clear_error();
  if (!fits) refuse(options.key, "does not fit the certificate in " + options.cert.string());
  const std::string why = out_of_validity(certificate());
  if (!why.empty()) refuse(options.cert, why);
  if (const auto ambiguity = ambiguity_of(certificate())) refuse(options.cert, *ambiguity);
  for (const X509Ptr& one : chain_) {
    endings_.push_back(ending_of(one.get(), TlsEnding::What::Certificate, options.cert));
  }
}

void TlsMaterial::apply(SSL_CTX* context) const {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kTls12Ciphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set1_cert_store(context, store_.get());
  if (!has_certificate()) return;
  bool done = SSL_CTX_use_certificate(context, chain_.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, key_.get()) == 1;
  for (std::size_t i = 1; i < chain_.size(); ++i) {
    done = done && SSL_CTX_add1_chain_cert(context, chain_[i].get()) == 1;
  }
  if (!done) {
    throw Error(ErrorKind::Configuration, name_of(certificate()),
                "OpenSSL cannot use the certificate: " + openssl_reason("unknown reason"));
  }
}

void TlsMaterial::make_server_context() {
  server_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = server_.get();
  apply(context);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Buffers are let go by Connection::rest: to do so after each record costs a tenth of a request.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);  // a record is read in one system call instead of two
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     Transport::note_verification);
  for (const X509Ptr& authority : authorities_) SSL_CTX_add_client_CA(context, authority.get());

  // Resumption is by tickets alone, encrypted under keys of this context: whoever reloads thereby
  // ends all sessions. One ticket, for each costs a tenth of a handshake.
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  constexpr unsigned char kSessionContext[] = "mplane";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext - 1);
}

}  // namespace detail

std::optional<LogRecord> warning_of(const TlsEnding& ending,
                                    const std::chrono::system_clock::time_point now) {
  using What = TlsEnding::What;
  const bool is_list = ending.what == What::RevocationList;
  std::chrono::system_clock::duration before = detail::kWarnBeforeEnd;
  if (is_list) before = std::min(before, (ending.until - ending.from) / detail::kPartOfList);
  if (ending.until - now > before) return {};
  const bool over = ending.until <= now;
  const std::string until = detail::to_text(ending.until);
  const std::string what = is_list                          ? "the revocation list"
                           : ending.what == What::Authority ? "an authority's certificate"
                                                            : "the certificate";
  return LogRecord{over ? Severity::Error : Severity::Warning,
                   "tls",
                   what + (over ? " has ended: it was good until " : " ends soon: at ") + until,
                   {{"file", ending.file.string()}, {"name", ending.name}}};
}

TlsContext::TlsContext(const TlsOptions& options, const LogSink& log)
    : material_(std::make_shared<const detail::TlsMaterial>(options, log)) {}

std::optional<Identity> TlsContext::identity() const {
  if (!material_->has_certificate()) return std::nullopt;
  return detail::identity_of(material_->certificate());
}

std::optional<std::chrono::system_clock::time_point> TlsContext::expires() const {
  if (!material_->has_certificate()) return std::nullopt;
  return detail::to_time_point(X509_get0_notAfter(material_->certificate()));
}

const std::vector<TlsEnding>& TlsContext::endings() const noexcept { return material_->endings(); }

}  // namespace mplane
