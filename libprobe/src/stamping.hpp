#pragma once

namespace mplane::detail {

/// Sets an option that is a number. @return whether the system took it.
bool set_option(int descriptor, int level, int option, int value) noexcept;

/// Asks for kernel stamps of what comes, and of what is sent, too. Asking anew makes the kernel
/// count sent packets from 0. @return whether the system gives them.
bool ask_for_stamps(int descriptor, bool of_sent) noexcept;
/// Wants none any more.
void decline_stamps(int descriptor) noexcept;

/// Errors of sending that say nothing about the packet itself: the same may pass later.
bool passes_later(int error) noexcept;

}  // namespace mplane::detail
