#include "curl_transfer.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/socket_address.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <map>
#include <sys/socket.h>
#include <utility>

#include <curl/curl.h>
#include <openssl/ssl.h>

namespace mplane::detail {
namespace {

using std::chrono::microseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

// To libcurl both kinds of handle are void.
struct FreeEasy {
  void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const noexcept { ::curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};

template <typename T>
T info(CURL* easy, CURLINFO what) {
  T value{};
  ::curl_easy_getinfo(easy, what, &value);
  return value;
}

std::optional<microseconds> phase(CURL* easy, CURLINFO what) {
  const auto time = info<curl_off_t>(easy, what);
  return time > 0 ? std::optional(microseconds(time)) : std::nullopt;
}

std::string version_text(long version) {
  switch (version) {
    case CURL_HTTP_VERSION_1_0:
      return "1.0";
    case CURL_HTTP_VERSION_1_1:
      return "1.1";
    case CURL_HTTP_VERSION_2_0:
      return "2";
    default:
      return "";
  }
}

/// "::address:": instead of any host and port that address, and the same port. So nothing is looked
/// up, and the name that a server has to prove stays the URL's.
curl_slist* connecting_to(const Address& address) {
  const std::string text = to_string(address);
  const std::string entry = "::" + (address.is_ip6() ? "[" + text + "]" : text) + ":";
  return ::curl_slist_append(nullptr, entry.c_str());
}

}  // namespace

struct CurlTransfer::Impl {
  Impl(Engine& of, const HttpFetch& fetch, Done to)
      : engine(of),
        done(std::move(to)),
        most_bytes(fetch.most_bytes),
        address(fetch.address),
        trust(fetch.trust),
        connect_to(connecting_to(fetch.address)),
        easy(::curl_easy_init()),
        multi(::curl_multi_init()) {
    if (easy == nullptr || multi == nullptr) {
      throw Error(ErrorKind::Unavailable, "", "no HTTP request can be made");
    }
    ask_for(fetch);
    ::curl_multi_setopt(multi.get(), CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
    ::curl_multi_setopt(multi.get(), CURLMOPT_SOCKETDATA, this);
    ::curl_multi_setopt(multi.get(), CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
    ::curl_multi_setopt(multi.get(), CURLMOPT_TIMERDATA, this);
    ::curl_multi_add_handle(multi.get(), easy.get());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    done = {};
    ::curl_multi_remove_handle(multi.get(), easy.get());
  }

  void ask_for(const HttpFetch& fetch) {
    CURL* const request = easy.get();
    ::curl_easy_setopt(request, CURLOPT_URL, fetch.url.text.c_str());
    ::curl_easy_setopt(request, CURLOPT_CONNECT_TO, connect_to.get());
    ::curl_easy_setopt(request, CURLOPT_IPRESOLVE,
                       fetch.address.is_ip4() ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_V6);
    ::curl_easy_setopt(request, CURLOPT_PROTOCOLS_STR, "http,https");
    ::curl_easy_setopt(request, CURLOPT_PROXY, "");  // nobody in between, whatever is around us
    ::curl_easy_setopt(request, CURLOPT_HTTP_VERSION,
                       fetch.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
    ::curl_easy_setopt(request, CURLOPT_FRESH_CONNECT, 1L);
    ::curl_easy_setopt(request, CURLOPT_FORBID_REUSE, 1L);
    ::curl_easy_setopt(request, CURLOPT_NOSIGNAL, 1L);
    // Who waits for it gives up before.
    const long too_long = fetch.wait.count() + 1'000;
    ::curl_easy_setopt(request, CURLOPT_TIMEOUT_MS, too_long);
    ::curl_easy_setopt(request, CURLOPT_CONNECTTIMEOUT_MS, too_long);
    ::curl_easy_setopt(request, CURLOPT_USERAGENT, "mplane");
    ::curl_easy_setopt(request, CURLOPT_CAINFO, nullptr);
    ::curl_easy_setopt(request, CURLOPT_CAPATH, nullptr);
    ::curl_easy_setopt(request, CURLOPT_SSL_CTX_FUNCTION, &Impl::on_tls);
    ::curl_easy_setopt(request, CURLOPT_SSL_CTX_DATA, this);
    ::curl_easy_setopt(request, CURLOPT_OPENSOCKETFUNCTION, &Impl::on_open);
    ::curl_easy_setopt(request, CURLOPT_OPENSOCKETDATA, this);
    ::curl_easy_setopt(request, CURLOPT_HEADERFUNCTION, &Impl::on_header);
    ::curl_easy_setopt(request, CURLOPT_HEADERDATA, this);
    ::curl_easy_setopt(request, CURLOPT_WRITEFUNCTION, &Impl::on_body);
    ::curl_easy_setopt(request, CURLOPT_WRITEDATA, this);
    ::curl_easy_setopt(request, CURLOPT_ERRORBUFFER, words.data());
  }

  static std::size_t on_body(const char* /*data*/, std::size_t /*one*/, std::size_t count,
                             void* self) {
    auto& impl = *static_cast<Impl*>(self);
    impl.bytes += count;
    impl.cut = impl.bytes > impl.most_bytes;
    return impl.cut ? 0 : count;  // 0 ends the transfer
  }

  // libcurl keeps them all.
  static std::size_t on_header(const char* /*data*/, std::size_t /*one*/, std::size_t count,
                               void* self) {
    constexpr std::size_t kMost = 256 * 1024;
    auto& impl = *static_cast<Impl*>(self);
    impl.header_bytes += count;
    return impl.header_bytes > kMost ? 0 : count;
  }

  static CURLcode on_tls(CURL* /*easy*/, void* context, void* self) {
    const auto& impl = *static_cast<const Impl*>(self);
    auto* const tls = static_cast<SSL_CTX*>(context);
    ::SSL_CTX_set1_cert_store(tls, impl.trust->store());
    ::SSL_CTX_set_msg_callback(tls, &Impl::on_tls_message);
    ::SSL_CTX_set_msg_callback_arg(tls, self);
    return CURLE_OK;
  }

  // The first one is ours. What it takes is OpenSSL's choice.
  // NOLINTNEXTLINE(readability-function-size)
  static void on_tls_message(int /*written*/, int /*version*/, int /*type*/, const void* /*data*/,
                             std::size_t /*size*/, SSL* /*session*/, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    if (!impl.hello) impl.hello = std::chrono::steady_clock::now();
  }

  // Whatever libcurl makes of the URL, there is one address to which we may connect.
  static curl_socket_t on_open(void* self, curlsocktype /*purpose*/, curl_sockaddr* to) {
    const auto& impl = *static_cast<const Impl*>(self);
    sockaddr_storage asked{};
    std::memcpy(&asked, &to->addr, std::min<std::size_t>(to->addrlen, sizeof asked));
    if (host_in(asked) != impl.address) return CURL_SOCKET_BAD;
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  static int on_socket(CURL* /*easy*/, curl_socket_t socket, int what, void* self, void*) {
    auto& impl = *static_cast<Impl*>(self);
    if (what == CURL_POLL_REMOVE) {
      impl.watches.erase(socket);
      return 0;
    }
    return impl.watch(
        socket, {.readable = (what & CURL_POLL_IN) != 0, .writable = (what & CURL_POLL_OUT) != 0});
  }

  // Nothing may be thrown through libcurl. @return what it takes for success or failure.
  int watch(curl_socket_t socket, Readiness interest) noexcept try {
    if (const auto known = watches.find(socket); known != watches.end()) {
      known->second.want(interest);
      return 0;
    }
    watches[socket] = engine.watch(socket, interest, [this, socket](Readiness ready) {
      const int events = (ready.readable ? CURL_CSELECT_IN : 0) |
                         (ready.writable ? CURL_CSELECT_OUT : 0) |
                         (ready.failed ? CURL_CSELECT_ERR : 0);
      advance(socket, events);
    });
    return 0;
  } catch (const std::exception&) {
    return -1;
  }

  static int on_timer(CURLM* /*multi*/, long milliseconds, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    if (milliseconds < 0) {
      impl.timer.cancel();
    } else {
      impl.timer = impl.engine.after(std::chrono::milliseconds(milliseconds),
                                     [&impl] { impl.advance(CURL_SOCKET_TIMEOUT, 0); });
    }
    return 0;
  }

  void advance(curl_socket_t socket, int events) {
    const auto now = std::chrono::steady_clock::now();
    if (!begin) begin = now;  // where libcurl's times are counted from
    if (hello && !secured() && (events & CURL_CSELECT_IN) != 0) heard = now;
    int running = 0;
    ::curl_multi_socket_action(multi.get(), socket, events, &running);
    int left = 0;
    while (const CURLMsg* const message = ::curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return finish(message->data.result);
    }
  }

  void finish(CURLcode code) {
    if (!done) return;
    end = engine.after(std::chrono::nanoseconds(0),
                       [told = std::exchange(done, {}), answer = answer_of(code)]() mutable {
                         told(std::move(answer));
                       });
  }

  /// When the session stood. A server that is near may have said all of its part before anybody
  /// had to wait for it.
  std::optional<microseconds> secured() const {
    const auto stood = phase(easy.get(), CURLINFO_APPCONNECT_TIME_T);
    return stood && heard ? since_begin(heard) : stood;
  }

  std::optional<microseconds> since_begin(const std::optional<SteadyTime>& time) const {
    if (!begin || !time) return {};
    return std::chrono::duration_cast<microseconds>(*time - *begin);
  }

  HttpAnswer answer_of(CURLcode code) {
    CURL* const request = easy.get();
    HttpAnswer answer{.status = info<long>(request, CURLINFO_RESPONSE_CODE),
                      .version = version_text(info<long>(request, CURLINFO_HTTP_VERSION)),
                      .bytes = bytes,
                      .cut = cut,
                      .phases = {.connected = phase(request, CURLINFO_CONNECT_TIME_T),
                                 .hello = since_begin(hello),
                                 .secured = secured(),
                                 .first_byte = phase(request, CURLINFO_STARTTRANSFER_TIME_T),
                                 .all = phase(request, CURLINFO_TOTAL_TIME_T)}};
    if (const char* const where = info<char*>(request, CURLINFO_REDIRECT_URL)) {
      answer.redirect = where;
    }
    if (code != CURLE_OK && !cut) {
      answer.problem = words[0] != '\0' ? words.data() : ::curl_easy_strerror(code);
    }
    return answer;
  }

  Engine& engine;
  Done done;
  const std::uint64_t most_bytes;
  const Address address;
  const std::shared_ptr<const Trust> trust;
  std::size_t header_bytes = 0;
  std::uint64_t bytes = 0;
  bool cut = false;
  std::optional<SteadyTime> begin;
  std::optional<SteadyTime> hello;
  std::optional<SteadyTime> heard;  // the last before the session stood
  std::array<char, CURL_ERROR_SIZE> words{};
  std::unique_ptr<curl_slist, FreeList> connect_to;
  std::unique_ptr<CURL, FreeEasy> easy;
  std::map<curl_socket_t, Watch> watches;
  Timer timer;
  // Goes before the watches: as it closes connections it tells of sockets.
  std::unique_ptr<CURLM, FreeMulti> multi;
  Timer end;
};

CurlTransfer::CurlTransfer(Engine& engine, const HttpFetch& fetch, Done done)
    : impl_(std::make_unique<Impl>(engine, fetch, std::move(done))) {}
CurlTransfer::~CurlTransfer() = default;

}  // namespace mplane::detail
