#include "client/recording.hpp"

#include "client/loopback.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace mplane::test {
namespace {

/// Reads a recording: "## headline", "=== exchange", "--- request", "--- response".
class RecordingReader {
 public:
  explicit RecordingReader(std::string text) : rest_(std::move(text)) {}

  std::vector<Exchange> read(const std::string_view headline) {
    std::vector<Exchange> exchanges;
    bool wanted = headline.empty();
    while (true) {
      const std::size_t exchange = find("\n=== exchange ");
      const std::size_t head = find("\n## ");
      if (exchange == std::string::npos && head == std::string::npos) return exchanges;
      if (head < exchange) {
        at_ = head + 1;
        const std::string line = take_line() + "\n";
        // Conclusions, which begin with an arrow, belong to the headline above.
        if (line.find("->") > 12) {
          wanted = headline.empty() || line.find(headline) != std::string::npos;
        }
      } else {
        at_ = exchange + 1;
        Exchange next = take_exchange();
        if (wanted) exchanges.push_back(std::move(next));
      }
    }
  }

 private:
  std::size_t find(const std::string_view text) const { return rest_.find(text, at_); }

  std::string take_line() {
    const std::size_t end = std::min(find("\n"), rest_.size());
    std::string line = rest_.substr(at_, end - at_);
    at_ = end;
    return line;
  }

  std::string take_between(const std::string_view before, const std::string_view after) {
    const std::size_t begin = find(before);
    if (begin == std::string::npos) throw std::runtime_error("recording ends in an exchange");
    const std::size_t end = std::min(rest_.find(after, begin), rest_.size());
    std::string text = rest_.substr(begin + before.size(), end - begin - before.size());
    at_ = end;
    return text;
  }

  Exchange take_exchange() {
    const std::string request = take_between("--- request\n", "\n--- response\n");
    const std::size_t end =
        std::min(rest_.find("\n=== exchange ", at_), std::min(find("\n## "), rest_.size()));
    const std::size_t begin = find("--- response\n") + 13;
    const std::string response = begin < end ? rest_.substr(begin, end - begin) : "";
    at_ = end;
    Exchange exchange;
    exchange.method = request.substr(0, request.find(' '));
    const std::size_t path = request.find(' ') + 1;
    exchange.path = request.substr(path, request.find(' ', path) - path);
    exchange.request = body_of(request);
    exchange.response = parse_response(response);
    return exchange;
  }

  static std::string body_of(const std::string& message) {
    const std::size_t end = message.find("\n\n");
    return end == std::string::npos ? "" : message.substr(end + 2);
  }

  static HttpResponse parse_response(const std::string& text) {
    HttpResponse response;
    response.status = text.size() < 12 ? 500 : std::stoi(text.substr(9, 3));
    response.content_type = header(text, "Content-Type");
    response.body = body_of(text);
    if (const std::string location = header(text, "Location"); !location.empty()) {
      response.headers.emplace_back("Location", location);
    }
    return response;
  }

  static std::string header(const std::string& text, const std::string& name) {
    const std::string begin = "\n" + name + ": ";
    const std::size_t at = text.find(begin);
    if (at == std::string::npos || at > text.find("\n\n")) return {};
    const std::size_t value = at + begin.size();
    return text.substr(value, text.find('\n', value) - value);
  }

  std::string rest_;
  std::size_t at_ = 0;
};

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::string token_or_nothing(const std::string& body) {
  try {
    return decode(body, registry()).token();
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

std::vector<Exchange> recorded(const std::string_view file, const std::string_view headline) {
  const std::string path = MPLANE_RECORDINGS "/" + std::string(file) + ".txt";
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.empty()) throw std::runtime_error("cannot read " + path);
  auto exchanges = RecordingReader(std::move(text)).read(headline);
  if (exchanges.empty()) throw std::runtime_error(path + " has no exchange there");
  return exchanges;
}

Replay::Replay(std::vector<Exchange> exchanges)
    : exchanges_(exchanges.begin(), exchanges.end()),
      peer_([this](const HttpRequest& request) { return answer(request); }) {}

std::size_t Replay::posts_left() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(exchanges_.begin(), exchanges_.end(),
                    [](const Exchange& exchange) { return exchange.method == "POST"; }));
}

HttpResponse Replay::answer(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  const auto next = std::find_if(exchanges_.begin(), exchanges_.end(), [&](const Exchange& one) {
    return one.method == request.method && one.path == request.path;
  });
  if (next == exchanges_.end()) return {500, "text/plain", "not recorded", {}};
  HttpResponse response = std::move(next->response);
  const std::string recorded_token = token_or_nothing(next->request);
  exchanges_.erase(next);
  if (!recorded_token.empty()) {
    replace_all(response.body, recorded_token, token_or_nothing(request.body));
  }
  replace_all(response.body, "http://127.0.0.1:21228/", peer_.url());
  for (auto& [name, value] : response.headers) {
    replace_all(value, "http://127.0.0.1:21228/", peer_.url());
  }
  return response;
}

}  // namespace mplane::test
