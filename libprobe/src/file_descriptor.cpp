#include "mplane/probe/file_descriptor.hpp"

#include <unistd.h>

namespace mplane {

FileDescriptor::~FileDescriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace mplane
