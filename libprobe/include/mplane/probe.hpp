#pragma once

// The probe engine in one include.
#include "mplane/probe/cookie.hpp"
#include "mplane/probe/datagram_socket.hpp"
#include "mplane/probe/echo_tag.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/kernel_clock.hpp"
#include "mplane/probe/local_address.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probe/socket.hpp"
#include "mplane/probe/syn_socket.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probe/tcp_segment.hpp"
#include "mplane/probe/unique_function.hpp"
