// A line of the journal as books. Whatever it says, what is read is written so that it reads as the
// same again.
#include "books_text.hpp"
#include "mplane/model/error.hpp"
#include "require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace mplane;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Books books =
        detail::parse_books(std::string_view(reinterpret_cast<const char*>(data), size));
    require(detail::parse_books(detail::to_text(books)) == books);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::Malformed && !error.message().empty());
  }
  return 0;
}
