#pragma once

#include "mplane/store/result_store.hpp"

#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <utility>

namespace mplane::test {

inline const Instant kNoon = Time::parse("2026-11-22 12:00:00").instant();

inline KeptResult result(const std::string& component, const std::string& token,
                         const Instant begin, const std::string& message = "{}",
                         const std::string& label = "ping") {
  return {component, label, token, begin, begin + std::chrono::seconds(10), message};
}

/// Keeps one and waits until that is durable. @return why it is not.
inline std::optional<Error> keep(ResultStore& store, KeptResult result) {
  std::promise<std::optional<Error>> told;
  store.keep(std::move(result), [&](std::optional<Error> why) { told.set_value(std::move(why)); });
  return told.get_future().get();
}

/// The tokens of what is there, in order of their begins.
inline std::string tokens(const std::filesystem::path& folder,
                          const ResultSelection& selection = {}) {
  std::string tokens;
  ResultReader(folder).each(selection, [&](const KeptResult& one) {
    tokens += one.token;
    return true;
  });
  return tokens;
}

}  // namespace mplane::test
