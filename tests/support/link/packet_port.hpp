#pragma once

#include "mplane/probe/file_descriptor.hpp"
#include "support/link/link.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mplane::test {

/// A frame as it arrived, behind the header that says what of it the sender left to be done
/// (checksums, segmentation), so that it is sent on as it came.
struct Frame {
  std::vector<std::uint8_t> bytes;
  LinkRecord::WallTime arrived;

  /// The Ethernet frame itself.
  std::span<const std::uint8_t> ethernet() const noexcept;
};

/// One end of a link: a packet socket on an interface. One thread at a time.
class PacketPort {
 public:
  /// @throws std::runtime_error.
  explicit PacketPort(const std::string& interface);

  int descriptor() const noexcept { return socket_.number(); }
  /// The next frame that arrived from the wire; nothing when there is none.
  std::optional<Frame> receive();
  /// Sends a frame; one that the interface refuses is lost, as on any wire.
  void send(const Frame& frame) const noexcept;

 private:
  FileDescriptor socket_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace mplane::test
