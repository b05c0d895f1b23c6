#pragma once

#include "mplane/client/foreseen_start.hpp"
#include "mplane/client/offer.hpp"
#include "mplane/client/options.hpp"
#include "mplane/client/pending.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A client of the client-initiated workflow (protocol, section 7): finds what components offer,
/// sends them specifications, fetches the results. A resource. One thread at a time, together with
/// the measurements it has pending; it has no thread of its own.
///
///     for (const auto& capability : client.discover("https://probe.example.org:8890/capability"))
///       …
///     auto pending = client.submit(capability.specify("now + 30s / 1s").set(…).build());
///     if (const auto result = pending.wait_for(60s)) …
///
/// It believes no peer more than it has to: it connects to the peers that the program named and to
/// `ClientOptions::link_hosts`, whatever links say; an answer has to be the answer to the question,
/// and come from the identity that was asked. A peer that breaks this is refused: Error{Failed}.
///
/// All that speak to a peer throw Error{Unreachable, TimedOut} when it does not answer, {Refused}
/// when it does not let us, {Failed, Unknown, TooMany, Unavailable, …} with its own words where it
/// answers with an exception; {Unavailable} when `stop` was requested meanwhile.
class Client {
 public:
  /// @throws Error{Configuration} when neither `tls` nor `insecure` was given.
  explicit Client(ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Reads the capabilities at a URL: a capability, an envelope or a JSON list of them, or a page
  /// of links to such. Links are followed within the peers it believes, each once. What it finds
  /// is added to `offers`; found again it replaces what it was, withdrawn it is taken out. One that
  /// cannot be read (it names an element that we do not know) is left out and noted in the log.
  /// @return what was found, in the peer's order, each with a token and an absolute link.
  /// @throws Error{Malformed} for the URL; {TooMany, TooLarge} when over the limits; {Failed} when
  /// there is nothing to read at the URL.
  std::vector<Capability> discover(std::string_view url, std::stop_token stop = {});

  /// Takes up an offer that another client found, as if it were found here: its peer may be spoken
  /// to, and is refused if it turns out to be somebody else by now.
  /// @throws Error{Configuration} for plain http when that is not allowed.
  void adopt(Offer offer);

  /// All that was found and is not forgotten, in the order of discovery.
  const std::vector<Offer>& offers() const noexcept { return offers_; }
  /// The first offer with that token or else that label, or null. Valid until the next discovery.
  const Offer* find(std::string_view token_or_label) const noexcept;
  /// The offers of a kind, whoever makes them: those with the schema of `kind`, and constraints
  /// within its constraints.
  std::vector<Offer> matching(const Capability& kind) const;
  /// Drops the offers with that token or label. @return how many.
  std::size_t forget(std::string_view token_or_label);

  /// The specification with the token that it will be known by, if it has none: a fresh one for a
  /// relative scope, so that asked again it is a new measurement. `submit` does this by itself.
  static Specification named(const Specification& specification);

  /// Sends a specification to the one component whose capability accepts it; of several, to the one
  /// whose capability has its label. Returns when the component has answered with the result or
  /// with a receipt.
  /// @throws Error{Invalid} when no offer accepts it, saying why, or when several components do.
  Pending submit(const Specification& specification, std::stop_token stop = {});
  /// The same, to the component that a capability is of.
  Pending submit(const Specification& specification, const Capability& capability,
                 std::stop_token stop = {});

  /// What the component that a capability is of says would become of a specification, of which it
  /// keeps nothing: its next starts, and what is in their way. Nothing from one that does not tell:
  /// the old SDK's. A supervisor speaks for itself. @throws Error{Invalid} as `submit`, {Failed}.
  std::optional<std::vector<ForeseenStart>> foresee(const Specification& specification,
                                                    const Capability& capability,
                                                    std::stop_token stop = {});

  /// Takes up a measurement by its token, as one would by its receipt. Nothing is sent yet.
  /// @param url where messages go. @throws Error{Malformed} for the URL.
  Pending resume(std::string_view url, std::string token);

 private:
  const Capability& capability_for(const Specification& specification) const;
  void take(Offer offer);
  void take_out(const std::string& token, const Url& peer);

  const ClientOptions options_;
  std::unique_ptr<detail::Peers> peers_;
  std::vector<Offer> offers_;
};

}  // namespace mplane
