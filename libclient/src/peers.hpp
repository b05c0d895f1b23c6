#pragma once

#include "mplane/client/options.hpp"
#include "mplane/model/message.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"
#include "peer.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace mplane::detail {

/// All peers of a client, and which of them it may speak to. A resource; one thread at a time.
class Peers {
 public:
  /// An answer, and where it came from in the end.
  struct Answer {
    Message message;
    Url from;
    Identity peer;
  };

  /// The options outlive it.
  explicit Peers(const ClientOptions& options) : options_(options) {}

  /// The program itself named this URL: its peer may be spoken to.
  void believe(const Url& url);
  /// Answers from there are taken from this peer only. @throws as `get`.
  void expect(const Url& url, const Identity& peer) { at(url).expect(peer); }
  /// Whether a link may be followed there.
  bool believes(const Url& url) const;

  /// @throws as Peer::get, and Error{Refused} for a peer that is not believed.
  HttpReply get(const Url& page, const Until& until);
  /// Sends a message and reads the answer. An indirection to a peer that is believed is followed
  /// once. @throws as Client says; a Refusal for an exception.
  Answer ask(const Url& to, const Message& message, const Until& until);
  /// How long who answered last wants to be left alone, if he said so.
  Duration asked_pause() const noexcept { return asked_pause_; }

  /// Whether the message that was asked last may have reached whom it was for, however that ended.
  bool may_have_arrived() const noexcept { return asked_ != nullptr && asked_->may_have_arrived(); }

  const ClientOptions& options() const noexcept { return options_; }

 private:
  Peer& at(const Url& url);
  void note(std::string_view method, const Url& url, const HttpReply& reply) const;

  const ClientOptions& options_;
  std::set<std::string> believed_;  // origins
  std::map<std::string, std::unique_ptr<Peer>> by_origin_;
  Duration asked_pause_{0};
  const Peer* asked_ = nullptr;  // the last
};

}  // namespace mplane::detail
