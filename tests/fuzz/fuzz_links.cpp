// Bytes as a page of links: whatever is found was on the page.
#include "link_page.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 100;
  const std::string_view page(reinterpret_cast<const char*>(data), size);
  const auto links = mplane::detail::find_links(page, kLimit);
  if (links.size() > kLimit) std::abort();
  std::size_t bytes = 0;
  for (const std::string& link : links) bytes += link.size();
  if (bytes > size) std::abort();
  return 0;
}
