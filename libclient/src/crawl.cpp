#include "crawl.hpp"

#include "answer.hpp"
#include "link_page.hpp"
#include "message_list.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

#include <deque>
#include <optional>
#include <set>
#include <string_view>

namespace mplane::detail {
namespace {

bool is_html(const HttpReply& reply) { return reply.content_type.starts_with("text/html"); }

bool is_redirection(const HttpReply& reply) {
  return reply.status >= 300 && reply.status < 400 && !reply.location.empty();
}

/// One discovery.
class Crawl {
 public:
  Crawl(Peers& peers, const Until& until)
      : peers_(peers), limits_(peers.options().limits), until_(until) {}

  Findings run(const Url& first) {
    add(first, 0);
    while (!pages_.empty()) {
      const Page page = std::move(pages_.front());
      pages_.pop_front();
      visit(page);
    }
    return std::move(findings_);
  }

 private:
  struct Page {
    Url url;
    std::size_t depth;
  };

  void visit(const Page& page) {
    const auto reply = fetch(page);
    if (!reply) return;
    try {
      read(page, *reply);
    } catch (const Error& error) {
      if (page.depth == 0 || error.kind() == ErrorKind::TooMany) throw;
      note("a page of capabilities cannot be read", error);
    }
  }

  /// The page; nothing for a linked one that is out of reach, which is noted.
  std::optional<HttpReply> fetch(const Page& page) {
    std::optional<HttpReply> reply;
    try {
      reply = peers_.get(page.url, until_);
    } catch (const Error& error) {
      if (page.depth == 0 || until_.is_over() || error.kind() == ErrorKind::TooLarge) throw;
      note("a page of capabilities cannot be reached",
           Error(error.kind(), to_string(page.url), error.message()));
      return {};
    }
    if (page.depth == 0) findings_.peer = reply->peer;
    bytes_ += reply->body.size();
    if (bytes_ <= limits_.bytes) return reply;
    throw Error(ErrorKind::TooLarge, to_string(page.url),
                "the pages are larger than " + std::to_string(limits_.bytes) + " bytes together");
  }

  void read(const Page& page, const HttpReply& reply) {
    if (is_redirection(reply)) {
      follow(page, reply.location);
    } else if (has_messages(reply) && reply.status == 200) {
      read_messages(page, reply);
    } else if (is_html(reply) && reply.status == 200) {
      for (const std::string& link : find_links(reply.body, limits_.pages)) follow(page, link);
    } else {
      read_answer(reply, page.url, peers_.options().registry);  // throws what is wrong
      throw error_of(reply, page.url);
    }
  }

  void read_messages(const Page& page, const HttpReply& reply) {
    const auto unreadable = [&](const Error& error) {
      note("a capability cannot be read", error.within(to_string(page.url)));
    };
    std::vector<Message> messages;
    try {
      messages = decode_list(reply.body, peers_.options().registry, unreadable);
    } catch (const Error& error) {
      throw Error(ErrorKind::Failed, to_string(page.url),
                  std::string("the answer cannot be read: ") + error.what());
    }
    for (const Message& message : messages) take(page, reply, message);
  }

  void take(const Page& page, const HttpReply& reply, const Message& message) {
    if (const auto* capability = message.find<Capability>()) {
      take_capability(page, reply, *capability);
    } else if (message.find<Withdrawal>() != nullptr) {
      findings_.withdrawn.emplace_back(message.token(), page.url);
    } else if (const auto* envelope = message.find<Envelope>()) {
      for (const Message& inner : envelope->messages()) take(page, reply, inner);
    } else if (const auto* exception = message.find<Exception>()) {
      throw Error(ErrorKind::Failed, to_string(page.url), words_of(exception->message()));
    } else {
      throw Error(ErrorKind::Failed, to_string(page.url),
                  "a message of kind " + mplane::quoted(message.kind()) + " is no capability");
    }
  }

  void take_capability(const Page& page, const HttpReply& reply, const Capability& capability) {
    const std::string token = capability.token();
    if (!found_.emplace(page.url.authority(), token).second) return;
    findings_.offers.push_back(
        {capability.with_token(token).with_link(link_of(page, capability)), page.url, reply.peer});
  }

  /// Where specifications go: the capability's link, else the root of the peer.
  std::string link_of(const Page& page, const Capability& capability) {
    const std::string link = capability.link().value_or("");
    try {
      return to_string(page.url.resolve(link.empty() ? "/" : link));
    } catch (const Error& error) {
      note("the link of a capability is none", error);
      return to_string(page.url.resolve("/"));
    }
  }

  void follow(const Page& page, std::string_view link) {
    link = link.substr(0, link.find('#'));
    if (link.empty() || page.depth == limits_.depth) return;
    std::optional<Url> url;
    try {
      url = page.url.resolve(link);
    } catch (const Error&) {  // mailto:, javascript: and the like
      return;
    }
    if (peers_.believes(*url)) add(*url, page.depth + 1);
  }

  void add(const Url& url, const std::size_t depth) {
    if (!seen_.insert(url).second) return;
    if (seen_.size() > limits_.pages) {
      throw Error(
          ErrorKind::TooMany, to_string(url),
          "there are more than " + std::to_string(limits_.pages) + " pages of capabilities");
    }
    pages_.push_back({url, depth});
  }

  void note(const std::string_view what, const Error& error) const {
    log(peers_.options().log,
        {Severity::Warning, "client", std::string(what), {{"reason", error.what()}}});
  }

  Peers& peers_;
  const ClientLimits& limits_;
  const Until& until_;
  std::deque<Page> pages_;
  std::set<Url> seen_;
  std::set<std::pair<std::string, std::string>> found_;  // authority and token
  std::size_t bytes_ = 0;
  Findings findings_;
};

}  // namespace

Findings crawl(Peers& peers, const Url& first, const Until& until) {
  return Crawl(peers, until).run(first);
}

}  // namespace mplane::detail
