#include "reply_parser.hpp"

#include "mplane/component/detail/back_off.hpp"
#include "mplane/model/error.hpp"

#include <cstdint>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace mplane {
namespace {

namespace http = boost::beast::http;

constexpr std::uint64_t kMostBody = 64 * 1024 * 1024;

}  // namespace

struct ReplyParser::State {
  http::response_parser<http::string_body> parser;
  std::string pending;  ///< of a head that is not complete
};

ReplyParser::ReplyParser() : state_(std::make_unique<State>()) {
  state_->parser.eager(true);
  state_->parser.body_limit(kMostBody);
}

ReplyParser::~ReplyParser() = default;

bool ReplyParser::put(const std::string_view bytes) {
  auto& [parser, pending] = *state_;
  pending.append(bytes);
  while (!pending.empty() && !parser.is_done()) {
    boost::beast::error_code error;
    const std::size_t used = parser.put(boost::asio::buffer(pending), error);
    pending.erase(0, used);
    if (error && error != http::error::need_more) {
      throw Error(ErrorKind::Malformed, "", "not an HTTP answer: " + error.message());
    }
    if (used == 0) break;
  }
  if (parser.is_done() && !pending.empty()) {
    throw Error(ErrorKind::Malformed, "", "more than one answer to one request");
  }
  return parser.is_done();
}

HttpAnswer ReplyParser::take() {
  const bool keeps_alive = state_->parser.keep_alive();
  http::response<http::string_body> message = state_->parser.release();
  const auto asked = message[http::field::retry_after];
  return {static_cast<int>(message.result_int()), std::move(message.body()),
          detail::asked_pause({asked.data(), asked.size()}), keeps_alive};
}

}  // namespace mplane
