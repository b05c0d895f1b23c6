#include "tls_handshakes.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <memory>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

namespace yardstick {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

void require(const bool good, const char* const what) {
  if (!good) throw std::runtime_error(what);
}

void handshake(SSL_CTX* const context, const std::uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  __builtin_memcpy(&generic, &address, sizeof address);
  require(connect(connection, &generic, sizeof address) == 0, "cannot connect");
  const Session session(SSL_new(context), &SSL_free);
  SSL_set_fd(session.get(), connection);
  const bool done = SSL_connect(session.get()) == 1;
  SSL_shutdown(session.get());
  close(connection);
  require(done, "the handshake fails");
}

}  // namespace

double tls_handshakes(const std::vector<std::uint16_t>& ports, const std::string& ca,
                      const std::string& cert, const std::string& key) {
  const Context context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  require(SSL_CTX_load_verify_locations(context.get(), ca.c_str(), nullptr) == 1 &&
              SSL_CTX_use_certificate_chain_file(context.get(), cert.c_str()) == 1 &&
              SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1,
          "the certificates cannot be used");
  const auto begin = std::chrono::steady_clock::now();
  for (const std::uint16_t port : ports) handshake(context.get(), port);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace yardstick
