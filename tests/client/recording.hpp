#pragma once

#include "client/scripted_peer.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::test {

/// One request and its answer, as recorded from an old peer.
struct Exchange {
  std::string method;
  std::string path;
  std::string request;  ///< its body
  HttpResponse response;
};

/// The exchanges of tests/wire/<file>: all, or those below the headline (with its line break) that
/// has the text in it.
std::vector<Exchange> recorded(std::string_view file, std::string_view headline = {});

/// Plays recorded exchanges: each request is answered as the next of them with its method and path
/// was, its token and the peer's address in place of the recorded ones. 500 when there is none.
class Replay {
 public:
  explicit Replay(std::vector<Exchange> exchanges);

  std::string url(std::string_view path = "/") const { return peer_.url(path); }
  std::vector<std::string> asked() const { return peer_.asked(); }
  /// How many posts were not played.
  std::size_t posts_left() const;

 private:
  HttpResponse answer(const HttpRequest& request);

  mutable std::mutex mutex_;
  std::deque<Exchange> exchanges_;
  ScriptedPeer peer_;
};

}  // namespace mplane::test
