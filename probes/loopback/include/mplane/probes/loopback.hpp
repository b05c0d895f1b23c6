#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/scheduler/service.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// The registry that defines test.input and test.output.
inline constexpr std::string_view kLoopbackRegistryUri =
    "http://mplane.corvid.ch/registry/loopback";

/// The module `loopback`: its capability `test-loopback` answers at once, with `test.input` as
/// `test.output`. It measures nothing, and so tells whether everything around it works.
/// @param registry the one above, or one that knows it.
/// @param settings has to be empty.
/// @throws Error{Configuration} for a setting, or if the registry does not know the elements.
std::vector<Service> make_loopback(const Registry& registry,
                                   const std::map<std::string, std::string, std::less<>>& settings);

}  // namespace mplane
