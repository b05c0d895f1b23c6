#pragma once

#include <cstddef>
#include <functional>

namespace bench {

/// Operations a second when so many threads each do `each` of them, one after the other. They begin
/// together; `operation(thread, i)` does number i of a thread.
double rate_of_threads(std::size_t threads, std::size_t each,
                       const std::function<void(std::size_t thread, std::size_t i)>& operation);

}  // namespace bench
