#include "beast_echo.hpp"

#include <cstddef>
#include <memory>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/optional/optional.hpp>

namespace yardstick {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// One connection: handshake, then request and answer in turn.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, asio::ssl::context& context)
      : stream_(std::move(socket), context) {}

  void start() {
    stream_.next_layer().set_option(tcp::no_delay(true));
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = shared_from_this()](const error_code& error) {
                              if (!error) self->read();
                            });
  }

 private:
  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (!error) self->write();
                     });
  }

  void write() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, request_[http::field::content_type]);
    response_.body() = std::move(request_.body());
    response_.keep_alive(request_.keep_alive());
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (!error) self->read();
                      });
  }

  asio::ssl::stream<tcp::socket> stream_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

}  // namespace

struct BeastEcho::Impl {
  Impl(const std::string& ca, const std::string& cert, const std::string& key)
      : context(asio::ssl::context::tls_server),
        acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    context.load_verify_file(ca);
    context.use_certificate_chain_file(cert);
    context.use_private_key_file(key, asio::ssl::context::pem);
    context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    accept();
    thread = std::thread([this] { loop.run(); });
  }

  void accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error) return;
      std::make_shared<Connection>(std::move(socket), context)->start();
      accept();
    });
  }

  asio::io_context loop{1};
  asio::ssl::context context;
  tcp::acceptor acceptor;
  std::thread thread;
};

BeastEcho::BeastEcho(const std::string& ca, const std::string& cert, const std::string& key)
    : impl_(std::make_unique<Impl>(ca, cert, key)) {}

BeastEcho::~BeastEcho() {
  impl_->loop.stop();
  impl_->thread.join();
}

std::uint16_t BeastEcho::port() const noexcept { return impl_->acceptor.local_endpoint().port(); }

}  // namespace yardstick
