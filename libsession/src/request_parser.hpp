#pragma once

#include "mplane/session/http.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace mplane::detail {

/// Reads one request from bytes as they come, within limits. A resource; one thread at a time.
class RequestParser {
 public:
  RequestParser(std::size_t header_bytes, std::size_t body_bytes);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Takes bytes; says how many it took. The others have to be given again, with more behind them,
  /// or belong to the next request when done(). Throws Error{Malformed} or Error{TooLarge}.
  std::size_t put(std::string_view bytes);

  bool header_done() const;
  bool done() const;
  /// The peer waits for "100 Continue" before it sends the body.
  bool expects_continue() const;
  /// The connection stays open after the answer, as far as the peer is concerned. Not with
  /// HTTP/1.0, which would have to be told so.
  bool keeps_alive() const;

  /// The request, once done: all but who sent it.
  HttpRequest take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The reason phrase of a status: "Not Found".
std::string_view reason_phrase(int status);

}  // namespace mplane::detail
