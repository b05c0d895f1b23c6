#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probe/kernel_clock.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"
#include "mplane/tools/mistakes.hpp"
#include "preparation.hpp"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// What an examination found. A value.
struct Finding {
  enum class Verdict : std::uint8_t { Good, Warning, Bad, Unreachable };

  Verdict verdict = Verdict::Good;
  std::string_view topic = {};  ///< "clock"
  std::string says = {};        ///< what is the case
  std::string advice = {};      ///< what to do about it; empty when there is nothing to do

  friend bool operator==(const Finding&, const Finding&) = default;
};

using Findings = std::vector<Finding>;

/// Is the clock right? Nothing: the kernel does not tell.
Finding examine_clock(const std::optional<KernelClock>& clock);
/// Are certificates and revocation lists good for a while?
Findings examine_endings(const std::vector<TlsEnding>& endings, Instant now);
/// Is there room to keep what has to be kept?
Finding examine_disk(const std::filesystem::path& state_dir, std::uintmax_t wanted);
/// May we have as many connections as the limit says?
Finding examine_descriptors(std::size_t connections);
/// Who do we run as?
Finding examine_user();
/// Can we have the address? It is let go again.
Finding examine_address(const HostPort& listen);
/// Does a peer, such as a "supervisor", answer? Waits five seconds at most.
Finding examine_peer(std::string_view who, const Url& url, const std::optional<TlsContext>& tls);

/// All of it, for a component that was prepared; what went wrong with that is among the mistakes.
Findings examine(const ComponentConfig& config, const Preparation& prepared,
                 const Mistakes& mistakes, const std::vector<LogRecord>& logged,
                 const Clock& clock);

/// Writes a line for each, and one with what to do below those that need it. @return the exit code:
/// 0 all is well or only warned of, 2 something is bad, 5 somebody cannot be reached.
int tell(const Findings& findings, std::ostream& out);

}  // namespace mplane
