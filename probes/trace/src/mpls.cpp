#include "mplane/probes/trace/mpls.hpp"

#include <cstddef>

namespace mplane {
namespace {

constexpr std::size_t kHeader = 4;      // of the extensions, of an object, and an entry's length
constexpr std::uint8_t kMplsClass = 1;  // RFC 4950 section 3
constexpr std::uint8_t kIncomingType = 1;

MplsLabel label_in(Bytes entry) {
  return {.label = (std::uint32_t{entry[0]} << 12U) | (std::uint32_t{entry[1]} << 4U) |
                   (std::uint32_t{entry[2]} >> 4U),
          .traffic_class = static_cast<std::uint8_t>((entry[2] >> 1U) & 7U),
          .bottom = (entry[2] & 1U) != 0,
          .ttl = entry[3]};
}

std::vector<MplsLabel> labels_in(Bytes object) {
  std::vector<MplsLabel> labels;
  for (; object.size() >= kHeader; object = object.subspan(kHeader)) {
    labels.push_back(label_in(object));
  }
  return labels;
}

}  // namespace

std::vector<MplsLabel> mpls_labels(Bytes extensions) {
  if (!are_extensions(extensions)) return {};
  Bytes rest = extensions.subspan(kHeader);
  while (rest.size() >= kHeader) {
    const std::size_t length = (std::size_t{rest[0]} << 8U) | rest[1];
    if (length < kHeader || length > rest.size()) return {};
    if (rest[2] == kMplsClass && rest[3] == kIncomingType) {
      return labels_in(rest.subspan(kHeader, length - kHeader));
    }
    rest = rest.subspan(length);
  }
  return {};
}

std::string to_string(const std::vector<MplsLabel>& labels) {
  std::string text;
  for (const MplsLabel& label : labels) {
    if (!text.empty()) text += ',';
    text += std::to_string(label.label) + "/" + std::to_string(label.ttl);
  }
  return text;
}

}  // namespace mplane
