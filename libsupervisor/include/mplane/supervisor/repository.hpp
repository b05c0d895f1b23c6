#pragma once

#include "mplane/component/component.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/time.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mplane {

struct KeptResult;
struct ResultKind;

/// What a component sent about a measurement that was asked for under that label and token, as a
/// ResultStore keeps it. @param now when an exception came.
KeptResult kept_result(std::string component, std::string label, std::string token,
                       const Message& message, Instant now);

/// How what is kept is offered.
struct RepositoryOptions {
  Registry registry = Registry::core();         ///< whose elements and registries results may name
  std::filesystem::path folder = {};            ///< of the ResultStore, which is there
  std::size_t most_rows = 10'000;               ///< of an answer; who asks for more is told so
  Duration longest = std::chrono::seconds(30);  ///< of a query; who asks for more is told so
  std::size_t most_running = 4;    ///< queries at a time, of all kinds; more have to wait
  std::size_t most_kinds = 1'000;  ///< of results that can be queried; the log tells of more
  LogSink log = {};
};

/// Makes a supervisor a repository (protocol, section 10): offers on a component what a ResultStore
/// keeps, as capabilities with verb `query`. For each kind of results, that is those with one label
/// and schema, there are `query-<label>` for all of a time, `….component` for those of one
/// component, `….parameters` for those with given parameters, and `….component.parameters`.
/// Thread-safe; a resource.
///
/// Rights on them are the component's, by label: who may query sees what others had measured.
///
///     Repository repository(above, {.registry = registry, .folder = folder});
///     ResultStoreOptions options{.folder = folder};
///     options.watch = [&](const KeptResult& kept) { repository.add(kept); };
///     options.gone = [&](const ResultKind& kind) { repository.remove(kind); };
class Repository {
 public:
  /// Offers what is kept by now. `above` outlives it, and is stopped before it goes.
  /// @throws Error{Configuration, Unavailable} when the store cannot be read.
  Repository(Component& above, RepositoryOptions options);
  ~Repository();
  Repository(const Repository&) = delete;
  Repository& operator=(const Repository&) = delete;

  /// Offers what that is one of, unless it is offered. The log is told why it cannot be.
  void add(const KeptResult& kept);
  /// Takes back what it offers of a kind, since nothing of it is kept any more.
  void remove(const ResultKind& kind);
  /// Whether there is a capability with that label.
  bool offers(std::string_view label) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
