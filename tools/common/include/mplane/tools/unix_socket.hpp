#pragma once

#include "mplane/probe/file_descriptor.hpp"

#include <chrono>
#include <filesystem>

namespace mplane {

/// Sees whether a file's name is short enough for a Unix socket (unix(7): 107 bytes).
/// @throws Error{Configuration} naming the file.
void check_socket_name(const std::filesystem::path& file);

/// Listens at a Unix socket, without blocking, that the owner of the process, and root, can connect
/// to. A socket that is there and that nobody listens at any more is replaced.
/// @throws Error{Configuration} naming the file.
FileDescriptor listen_at(const std::filesystem::path& file);

/// Connects to one. @param patience for that, and then for each sending and receiving.
/// @return nothing, and errno says why, when that cannot be; EAGAIN: not in time.
/// @throws Error{Configuration} as `check_socket_name`.
FileDescriptor connect_to(const std::filesystem::path& file, std::chrono::seconds patience);

/// Has sending and receiving fail with EAGAIN when they take longer.
void limit(const FileDescriptor& socket, std::chrono::seconds patience);

/// Whether who could not accept for that reason (errno) lacks what others have: then a socket stays
/// readable, and is to be left alone for a moment.
bool lacks_resources(int error) noexcept;
inline constexpr std::chrono::milliseconds kAcceptPause{100};  ///< that moment

}  // namespace mplane
