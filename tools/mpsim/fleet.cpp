#include "fleet.hpp"

#include "identities.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/session/url.hpp"
#include "mplane/tools/run_main.hpp"
#include "plan.hpp"
#include "report.hpp"
#include "tls_dialer.hpp"
#include "worker.hpp"
#include "world.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <string>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mplane {
namespace {

/// @param family AF_UNSPEC: whichever the system prefers.
SocketAddress resolve(const Url& url, const int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error =
      ::getaddrinfo(url.host().c_str(), std::to_string(url.port()).c_str(), &hints, &list);
  if (error != 0) throw Error(ErrorKind::Unreachable, url.host(), ::gai_strerror(error));
  SocketAddress address;
  std::memcpy(&address.storage, list->ai_addr, list->ai_addrlen);
  address.length = list->ai_addrlen;
  ::freeaddrinfo(list);
  return address;
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::Configuration, "", what + ": " + std::generic_category().message(errno));
}

/// The signals that end a fleet, as a descriptor. A worker leaves them to who started it.
FileDescriptor take_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  FileDescriptor signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) fail("signals cannot be waited for");
  return signals;
}

/// A worker, seen from the outside.
struct Hand {
  pid_t process = -1;
  FileDescriptor socket;
  std::string received = {};  ///< of the next note
  bool is_ready = false;
  bool is_done = false;  ///< it has said all that it has to say
  bool is_gone = false;
  bool is_dismissed = false;  ///< killed by us: that is no failure
  Tally tally = {};
};

std::string end_of(const Hand& hand, const int status) {
  const std::string text = "worker " + std::to_string(hand.process);
  if (!WIFSIGNALED(status)) return text + " failed";
  return text + " was killed by signal " + std::to_string(WTERMSIG(status));
}

class Fleet {
 public:
  explicit Fleet(const SimOptions& options)
      : options_(options),
        supervisor_(resolve(Url::parse(options.supervisor), options.from ? AF_INET : AF_UNSPEC)),
        identities_(options.pki, options.name),
        shares_(divide(options.components, options.from ? options.from->size() : 0, take_limits())),
        signals_(take_signals()) {
    // What is wrong with these is better said once than by each worker.
    offered_capabilities(options);
    const TlsDialer dialer(options.ca, Url::parse(options.supervisor));
    const Badge longest(identities_.issue(options.components - 1));
  }

  int run() {
    for (std::size_t n = 0; n < shares_.size(); ++n) hire(n);
    while (!is_over()) wait();
    dismiss();
    const Report report = this->report();
    std::cout << (options_.json ? to_json(report) + "\n" : to_text(report));
    return exit_code(report);
  }

 private:
  void hire(const std::size_t worker) {
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("a socket pair");
    FileDescriptor ours(ends[0]);
    const FileDescriptor theirs(ends[1]);
    const pid_t self = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) fail("a worker cannot be started (RLIMIT_NPROC, pids.max)");
    if (process == 0) {
      // It may be busy making keys, and hear nothing of our end, however that came.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != self) ::_exit(EXIT_FAILURE);
      ours = FileDescriptor();
      hands_.clear();  // the other workers' sockets have to close when their owner does
      const WorkerTask task{options_, supervisor_,    identities_,    shares_[worker],
                            worker,   shares_.size(), theirs.number()};
      // Nothing of who started it is to be undone a second time.
      ::_exit(run_main("mpsim", [&] {
        work(task);
        return EXIT_SUCCESS;
      }));
    }
    hands_.push_back(Hand{process, std::move(ours)});
  }

  bool is_over() const {
    for (const Hand& hand : hands_) {
      if (!hand.is_gone) return false;
    }
    return true;
  }

  void wait() {
    std::vector<pollfd> waits{{signals_.number(), POLLIN, 0}};
    for (const Hand& hand : hands_) {
      waits.push_back({hand.is_gone ? -1 : hand.socket.number(), POLLIN, 0});
    }
    if (::poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) return;
      fail("workers cannot be waited for");
    }
    if (waits[0].revents != 0) take_signal();
    for (std::size_t n = 0; n < hands_.size(); ++n) {
      if (waits[n + 1].revents != 0) listen_to(hands_[n]);
    }
  }

  void take_signal() {
    signalfd_siginfo info{};
    if (::read(signals_.number(), &info, sizeof info) > 0) stop();
  }

  /// Has the workers end; what they saw still comes. Who is still getting ready saw nothing, and
  /// would not hear it for a while.
  void stop() {
    for (Hand& hand : hands_) {
      ::shutdown(hand.socket.number(), SHUT_WR);
      if (hand.is_ready || hand.is_gone) continue;
      ::kill(hand.process, SIGKILL);
      hand.is_dismissed = true;
    }
  }

  void listen_to(Hand& hand) {
    char chunk[16 * 1024];
    const ssize_t bytes = ::recv(hand.socket.number(), chunk, sizeof chunk, 0);
    if (bytes < 0 && errno == EINTR) return;
    if (bytes <= 0) {
      hand.is_gone = true;
      if (!hand.is_done) stop();  // what is left is not the fleet that was asked for
      return;
    }
    hand.received.append(chunk, static_cast<std::size_t>(bytes));
    while (hand.received.size() >= sizeof(WorkerNote)) {
      WorkerNote note;
      std::memcpy(static_cast<void*>(&note), hand.received.data(), sizeof note);
      hand.received.erase(0, sizeof note);
      take(hand, note);
    }
  }

  void take(Hand& hand, const WorkerNote& note) {
    if (note.what == WorkerNote::What::Ready) {
      hand.is_ready = true;
      start_when_ready();
      return;
    }
    hand.is_done = note.what == WorkerNote::What::Done;
    hand.tally = note.tally;
    const Report report = this->report();
    if (told_ || report.tally.of(Seen::Registered) < options_.components) return;
    told_ = true;
    std::cerr << "mpsim: all " << options_.components << " components are registered\n";
  }

  /// All at once, so that what they do is not mixed with getting ready for it.
  void start_when_ready() {
    for (const Hand& hand : hands_) {
      if (!hand.is_ready) return;
    }
    for (const Hand& hand : hands_) ::send(hand.socket.number(), "", 1, MSG_NOSIGNAL);
  }

  void dismiss() {
    std::string failure;
    for (Hand& hand : hands_) {
      hand.socket = FileDescriptor();
      int status = 0;
      while (::waitpid(hand.process, &status, 0) < 0 && errno == EINTR) {
      }
      const bool is_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      if (!is_well && !hand.is_dismissed) failure = end_of(hand, status);
    }
    if (!failure.empty()) throw Error(ErrorKind::Internal, "", failure);
  }

  Report report() const {
    Report report{options_.components, shares_.size(), {}};
    for (const Hand& hand : hands_) report.tally += hand.tally;
    return report;
  }

  const SimOptions& options_;
  const SocketAddress supervisor_;
  const Identities identities_;
  const std::vector<WorkerShare> shares_;
  const FileDescriptor signals_;
  std::vector<Hand> hands_;
  bool told_ = false;
};

}  // namespace

int simulate(const SimOptions& options) { return Fleet(options).run(); }

}  // namespace mplane
