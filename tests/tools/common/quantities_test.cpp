#include "mplane/tools/quantities.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

TEST_CASE("bytes are counted in thousands or in 1024s") {
  struct Row {
    const char* text;
    std::uint64_t bytes;
    const char* written;
  };
  const Row rows[] = {
      {"0", 0, "0"},
      {"4095", 4095, "4095"},
      {"4096", 4096, "4KiB"},
      {"17B", 17, "17"},
      {"64kB", 64'000, "64000"},
      {"16MiB", 16'777'216, "16MiB"},
      {"16 MiB", 16'777'216, "16MiB"},
      {"2GB", 2'000'000'000, "1953125KiB"},
      {"3GiB", 3'221'225'472, "3GiB"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_bytes(row.text) == row.bytes);
    CHECK(bytes_text(row.bytes) == row.written);
    CHECK(parse_bytes(row.written) == row.bytes);
  }
}

TEST_CASE("what is no number of bytes is refused by name") {
  for (const char* const text : {"", "MiB", "-1", "1.5MiB", "1Mib", "1TiB", "18446744073709551616",
                                 "18446744073709551615kB"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_bytes(text),
                      Catch::Contains("is no number of bytes, such as 4096, 64kB or 16MiB"));
  }
}
