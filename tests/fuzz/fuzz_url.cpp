// A text as a URL, as a link on a page, and as a listener's address. What is read has to be written
// so that it reads as the same again, and must be fit for a request line as it is.
#include "mplane/model/error.hpp"
#include "mplane/session/url.hpp"
#include "require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace mplane;

void check(const Url& url) {
  require(Url::parse(to_string(url)) == url);
  require(url.port() != 0);
  require(!url.host().empty());
  require(!url.path().empty() && url.path().front() == '/');
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  require(std::all_of(url.path().begin(), url.path().end(), visible));
}

template <typename Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    require(!error.message().empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Url page = Url::parse("https://h:8890/show/specification?x=1");
  attempt([&] { check(Url::parse(text)); });
  attempt([&] { check(page.resolve(text)); });
  attempt([&] {
    const HostPort where = HostPort::parse(text);
    require(HostPort::parse(to_string(where)) == where);
  });
  return 0;
}
