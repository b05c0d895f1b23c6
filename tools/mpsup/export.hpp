#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/store/result_store.hpp"

#include <cstdint>
#include <iosfwd>
#include <string>

namespace mplane {

/// `mpsup export …`, `mpsup results …`: writes what was kept, also while the supervisor runs; the
/// one for machines, the other for people, unless `--format` says otherwise. `argv[0]` is that
/// word.
/// @return the exit code.
int run_export(int argc, const char* const* argv) noexcept;

enum class ExportFormat : std::uint8_t { Ndjson, Csv, Json, Table };

/// What an export writes.
struct ExportOptions {
  ExportFormat format = ExportFormat::Ndjson;
  ResultSelection selection = {};
};

/// Writes results in the order in which they began: as NDJSON an object each, with the component;
/// as JSON an array of them; as CSV a line a row, behind component, label, begin and end; as a
/// table for people. Exceptions are left out. A result that the registry does not have the elements
/// for is left out, too.
/// @return how many were left out for that.
/// @throws Error{Invalid} for CSV of results whose parameters or columns differ.
std::size_t export_results(ResultReader& reader, const ExportOptions& options,
                           const Registry& registry, std::ostream& out);

}  // namespace mplane
