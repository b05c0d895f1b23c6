#include "mplane/probes/trace/mpls.hpp"

#include "fake_router.hpp"

#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

const std::vector<MplsLabel>& two_labels() {
  static const std::vector<MplsLabel> labels{{.label = 16'004, .traffic_class = 5, .ttl = 1},
                                             {.label = 16'005, .bottom = true, .ttl = 255}};
  return labels;
}

/// Extensions of an object of another class, and a stack of two behind it; without a checksum.
Octets two_objects() {
  return {0x20, 0,    0,    0,                          // version 2
          0,    8,    9,    1,    1,    2,    3,    4,  // an object of class 9
          0,    12,   1,    1,                          // a stack of two
          0x03, 0xe8, 0x4a, 0x01, 0x03, 0xe8, 0x51, 0xff};
}

}  // namespace

TEST_CASE("labels are read from among the objects of an error", "[trace][mpls]") {
  CHECK(mpls_labels(two_objects()) == two_labels());
  CHECK(to_string(mpls_labels(two_objects())) == "16004/1,16005/255");
  CHECK(to_string(std::vector<MplsLabel>{}).empty());
}

TEST_CASE("labels count only with a right checksum, or none", "[trace][mpls]") {
  Octets bytes = two_objects();
  put16(bytes, 2, internet_checksum(bytes));
  CHECK(mpls_labels(bytes) == two_labels());
  bytes.back() ^= 1U;
  CHECK(mpls_labels(bytes).empty());
}

TEST_CASE("broken extensions hold no labels", "[trace][mpls]") {
  const Octets whole = two_objects();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(mpls_labels(Bytes(whole).first(length)).empty());
  }
  const auto changed = [&](std::size_t place, std::uint8_t to) {
    Octets bytes = whole;
    bytes.at(place) = to;
    return bytes;
  };
  CHECK(mpls_labels(changed(0, 0x10)).empty());  // version 1
  CHECK(mpls_labels(changed(5, 3)).empty());     // an object shorter than its header
  CHECK(mpls_labels(changed(4, 0xff)).empty());  // and one longer than all
  CHECK(mpls_labels(changed(13, 13)).empty());
  CHECK(mpls_labels(changed(15, 2)).empty());  // a stack that is no incoming one
  CHECK(mpls_labels(changed(13, 4)).empty());  // without an entry
}
