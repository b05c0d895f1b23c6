#include "request_parser.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>

namespace mplane::detail {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

/// Chunks' frames may take this many bytes for each byte of the body, beyond the headers.
constexpr std::size_t kFramingPerByte = 2;

std::string to_std(boost::beast::string_view text) { return {text.data(), text.size()}; }

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::Malformed, "", "not an HTTP request: " + why);
}

/// A body in a string that grows with what came, not with what a peer says will come.
struct GrowingBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(http::header<isRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, error_code& error) {
      constexpr std::uint64_t kReserved = 16 * 1024;
      if (length) body_.reserve(static_cast<std::size_t>(std::min(*length, kReserved)));
      error = {};
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      const std::size_t before = body_.size();
      for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      error = {};
      return body_.size() - before;
    }

    void finish(error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

/// What a target means to an origin server: path and query. A proxy's form, "http://host/path",
/// has to be understood as well (RFC 9112, section 3.2.2).
std::string_view origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (!target.empty() && target[0] != '/' && scheme != std::string_view::npos) {
    const std::size_t slash = target.find('/', scheme + 3);
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  if (target.empty() || target[0] != '/') refuse("the target does not begin with \"/\"");
  return target;
}

}  // namespace

struct RequestParser::State {
  State(std::size_t header_limit, std::size_t body_limit)
      : header_bytes(header_limit), body_bytes(body_limit) {
    parser.header_limit(static_cast<std::uint32_t>(header_limit));
    parser.body_limit(body_limit);
    parser.eager(true);
  }

  void check(const error_code& error) const {
    if (!error || error == http::error::need_more) return;
    if (error == http::error::body_limit) {
      throw Error(ErrorKind::TooLarge, "",
                  "the body is larger than " + std::to_string(body_bytes) + " bytes");
    }
    if (error == http::error::header_limit) {
      throw Error(ErrorKind::TooLarge, "",
                  "the headers are larger than " + std::to_string(header_bytes) + " bytes");
    }
    refuse(error.message());
  }

  /// What the parser lets pass although nobody can be sure what is meant (RFC 9112, sections 3.2
  /// and 6.1): no Host or several, and a body whose coding hides where it ends.
  void check_header() const {
    const auto& message = parser.get();
    const auto hosts = message.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && message.version() >= 11)) refuse("it needs one Host header");
    const auto coding = message.find(http::field::transfer_encoding);
    if (coding == message.end()) return;
    if (message.version() < 11 || !boost::beast::iequals(coding->value(), "chunked")) {
      refuse("the only transfer coding is \"chunked\"");
    }
  }

  /// The parser's own limits are for what it is given at a time, and leave chunks' frames out.
  void check_size(std::string_view left) const {
    const std::size_t body = parser.get().body().size();
    const std::size_t frame = taken - body;
    if (!parser.is_header_done() || !parser.chunked()) {
      if (frame > header_bytes) check(http::error::header_limit);
      return;
    }
    if (left.size() > header_bytes || frame > 2 * header_bytes + kFramingPerByte * body) {
      refuse("its chunks are more frame than content");
    }
  }

  http::request_parser<GrowingBody> parser;
  std::size_t header_bytes;
  std::size_t body_bytes;
  std::size_t taken = 0;  ///< bytes of this request so far
};

RequestParser::RequestParser(std::size_t header_bytes, std::size_t body_bytes)
    : state_(std::make_unique<State>(header_bytes, body_bytes)) {}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::put(std::string_view bytes) {
  State& state = *state_;
  const bool had_header = header_done();
  error_code error;
  const std::size_t used = state.parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  state.check(error);
  state.taken += used;
  if (!had_header && header_done()) state.check_header();
  if (!done()) {
    state.check_size(bytes.substr(used));
  }
  return used;
}

bool RequestParser::header_done() const { return state_->parser.is_header_done(); }

bool RequestParser::done() const { return state_->parser.is_done(); }

bool RequestParser::expects_continue() const {
  const auto& message = state_->parser.get();
  return header_done() && !done() && message.version() >= 11 &&
         boost::beast::iequals(message[http::field::expect], "100-continue");
}

bool RequestParser::keeps_alive() const {
  return state_->parser.get().version() >= 11 && state_->parser.keep_alive();
}

HttpRequest RequestParser::take() {
  http::request<GrowingBody> message = state_->parser.release();
  HttpRequest request;
  request.method = to_std(message.method_string());
  const std::string target = to_std(message.target());
  const std::string_view origin = origin_form(target);
  const std::size_t question = origin.find('?');
  request.path = origin.substr(0, question);
  if (question != std::string_view::npos) request.query = origin.substr(question + 1);
  request.content_type = to_std(message[http::field::content_type]);
  request.accept = to_std(message[http::field::accept]);
  request.body = std::move(message.body());
  return request;
}

std::string_view reason_phrase(int status) {
  const auto text = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return {text.data(), text.size()};
}

}  // namespace mplane::detail
