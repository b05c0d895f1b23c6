#pragma once

#include "mplane/model/time.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace mplane {

/// What the supervisor answered. A value.
struct HttpAnswer {
  int status = 0;
  std::string body = {};
  Duration retry_after{0};  ///< 0: it does not say
  bool keeps_alive = true;  ///< the connection takes another request
};

/// Puts one HTTP/1.1 answer together from what arrives. One thread at a time.
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  /// Takes the next bytes. @return whether the answer is complete. @throws Error{Malformed} for
  /// what is none, or goes on behind its end.
  bool put(std::string_view bytes);
  /// The answer, once it is complete.
  HttpAnswer take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mplane
