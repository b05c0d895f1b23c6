#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"
#include "mplane/store/result_store.hpp"
#include "result_summaries.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace mplane {

/// Where results go as they come.
struct StreamTarget {
  bool is_socket = false;  ///< a Unix socket that readers connect to; else a file to append to
  std::filesystem::path path = {};
  std::optional<Url> url = {};         ///< instead: a web server that lines are posted to
  std::optional<TlsContext> tls = {};  ///< of an https URL
};

/// How much waits for those who are slow.
struct StreamLimits {
  std::size_t waiting = std::size_t{16} << 20U;    ///< bytes of messages, for the stream itself
  std::size_t for_reader = std::size_t{1} << 20U;  ///< bytes of lines, for each reader or server
  std::size_t readers = 32;                        ///< of each socket
};

/// Reads what was kept, and writes results as lines of NDJSON, as an export does, to files and to
/// whoever connects to a socket, from then on; and has them summed up. Who is slow is cut off and
/// the log told; the store, which has everything, waits for nobody. Thread-safe, with one thread of
/// its own; a resource.
class ResultStream {
 public:
  /// Opens the sockets, for the owner of the process alone. @param registry of the results.
  /// @param summaries outlive it; null: there are none.
  /// @throws Error{Configuration} naming the socket or file that cannot be.
  ResultStream(const std::vector<StreamTarget>& targets, Registry registry, LogSink log,
               StreamLimits limits = {}, ResultSummaries* summaries = nullptr);
  /// Writes what can be written at once.
  ~ResultStream();
  ResultStream(const ResultStream&) = delete;
  ResultStream& operator=(const ResultStream&) = delete;

  /// Takes what was kept; exceptions are no results. Never waits.
  void add(const KeptResult& kept);

  /// Shows web servers these certificates from the next request on.
  void use(const TlsContext& tls);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
