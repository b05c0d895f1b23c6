#include "mplane/probes/common/trust.hpp"

#include "mplane/model/error.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

namespace mplane {

Trust::Trust(const std::string& ca_file) : store_(::X509_STORE_new()) {
  const bool read =
      store_ != nullptr && (ca_file.empty() ? ::X509_STORE_set_default_paths(store_) == 1
                                            : ::X509_STORE_load_file(store_, ca_file.c_str()) == 1);
  if (read) return;
  const char* const reason = ::ERR_reason_error_string(::ERR_get_error());
  ::ERR_clear_error();
  ::X509_STORE_free(store_);
  throw Error(ErrorKind::Configuration, "ca-file",
              ca_file + ": " + (reason == nullptr ? "it cannot be read" : reason));
}

Trust::~Trust() { ::X509_STORE_free(store_); }

}  // namespace mplane
