#pragma once

#include <string>

struct x509_store_st;  // OpenSSL's X509_STORE

namespace mplane {

/// The authorities that a probe believes, its setting `ca-file`, read once: that takes tens of
/// milliseconds, which no run should have to wait for. Immutable.
class Trust {
 public:
  /// @param ca_file authorities; the system's if empty.
  /// @throws Error{Configuration} for a file that cannot be used.
  explicit Trust(const std::string& ca_file);
  ~Trust();
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  /// OpenSSL counts who shares it, and locks it.
  x509_store_st* store() const noexcept { return store_; }

 private:
  x509_store_st* const store_;
};

}  // namespace mplane
