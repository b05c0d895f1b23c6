// dial_all CA CERT KEY PORT COUNT: connects so often to 127.0.0.1 under mutual TLS, at most 64 at a
// time in their handshake, prints how many seconds that took, and keeps the connections until its
// standard input ends. A process of its own, since one has not the descriptors for both ends.

#include "bench.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kAtOnce = 64;

class Dialer {
 public:
  Dialer(asio::ssl::context& context, const std::uint16_t port, const std::size_t count)
      : context_(context), server_(asio::ip::address_v4::loopback(), port), left_(count) {}

  void run() {
    for (std::size_t i = 0; i < kAtOnce; ++i) dial();
    loop_.run();
  }

 private:
  using Stream = asio::ssl::stream<tcp::socket>;

  void dial() {
    if (left_ == 0) return;
    --left_;
    Stream& stream = *streams_.emplace_back(std::make_unique<Stream>(loop_, context_));
    stream.next_layer().async_connect(server_, [this, &stream](const error_code& refused) {
      require(refused);
      stream.async_handshake(Stream::client, [this](const error_code& failed) {
        require(failed);
        dial();
      });
    });
  }

  static void require(const error_code& error) {
    if (!error) return;
    std::fprintf(stderr, "dial_all: %s\n", error.message().c_str());
    std::exit(1);
  }

  asio::ssl::context& context_;
  const tcp::endpoint server_;
  std::size_t left_;
  asio::io_context loop_{1};
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  bench::raise_file_limit();
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.load_verify_file(argv[1]);
  context.use_certificate_chain_file(argv[2]);
  context.use_private_key_file(argv[3], asio::ssl::context::pem);
  context.set_verify_mode(asio::ssl::verify_peer);
  const auto port = static_cast<std::uint16_t>(std::stoul(argv[4]));
  Dialer dialer(context, port, std::stoul(argv[5]));
  const auto begin = std::chrono::steady_clock::now();
  dialer.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::fprintf(stderr, "all are connected after %.6f s\n", took.count());
  while (std::getchar() != EOF) {
  }
  return 0;
}
