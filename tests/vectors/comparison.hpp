#pragma once

#include "json.hpp"

#include <string>
#include <string_view>
#include <vector>

/// One place where an answer is not what is expected.
struct Difference {
  std::string path;  ///< into the answer: "at/0/timer_delays"; empty for all of it
  std::string expected;
  std::string actual;
};

/// Where an answer differs from what is expected. Members that are not expected do not count, nor
/// do `repr` and `message`, but for the JSON of a message (members `json…`), of which all counts;
/// `"raises"` stands for any refusal; numbers are equal to a millionth.
std::vector<Difference> compare(const Json& expected, const Json& actual);

/// Whether a refusal is expected, or was the answer.
bool is_refusal(const Json& json) noexcept;
