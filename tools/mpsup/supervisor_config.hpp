#pragma once

#include "mplane/store/result_store.hpp"
#include "mplane/supervisor/repository.hpp"
#include "mplane/supervisor/supervision.hpp"
#include "mplane/tools/config_section.hpp"
#include "result_stream.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace mplane {

/// The section `supervisor` of a configuration: all that can be said without opening files.
struct SupervisorConfig {
  SupervisionOptions supervision = {};
  ResultStoreOptions results = {};                        ///< without a folder
  bool is_repository = true;                              ///< whether what is kept can be queried
  std::size_t most_rows = RepositoryOptions().most_rows;  ///< of an answer
  Duration longest_query = RepositoryOptions().longest;
  std::size_t most_kinds = RepositoryOptions().most_kinds;  ///< that can be queried
  std::filesystem::path control = {};      ///< empty: in the state folder, if there is one
  bool is_summarised = false;              ///< for metrics
  std::vector<StreamTarget> streams = {};  ///< of results as they come
  std::string streams_where = {};

  // Where to point at when something turns out to be wrong.
  std::vector<std::string> compositions_where = {};  ///< each
  std::string tell_asker_where = {};
  std::string connect_where = {};
};

/// Reads it; mistakes are noted where they are.
SupervisorConfig read_supervisor_config(ConfigSection section);

}  // namespace mplane
