#pragma once

#include "console.hpp"
#include "mplane/client.hpp"
#include "options.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mplane {

/// The URLs that are to be asked. @throws Error{Configuration} when there are none, or one that is
/// no URL.
std::vector<Url> urls_of(const Options& options);

/// What a client of these URLs is made of. Warns of plain http ones, which are allowed if they are
/// named. @throws Error{Configuration} for what is missing or wrong.
ClientOptions client_options(const Options& options, const std::vector<Url>& urls,
                             const Console& console);

/// All registries that the options name, or that are installed.
Registry registry_of(const Options& options, const LogSink& log);

/// A log on a console; thread-safe. What is told depends on the verbosity.
LogSink log_to(const Console& console, const Options& options);

/// Of capabilities the one with that label or token. @throws Error{Unknown}, with a near miss,
/// {Refused} when none are offered at all, {Configuration} when several are called so.
Capability only_one(const std::vector<Capability>& all, std::string_view label_or_token,
                    const std::string& url);

/// A client of several components. @throws as `client_options`.
std::unique_ptr<Fleet> make_fleet(const Options& options, const Console& console);

}  // namespace mplane
