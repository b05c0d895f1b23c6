#include "pages.hpp"

namespace mplane::detail {
namespace {

std::string page(const std::string_view title, const std::string& body) {
  return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>" + std::string(title) +
         "</title></head>\n<body>\n<h1>" + std::string(title) + "</h1>\n" + body +
         "</body></html>\n";
}

}  // namespace

std::string html(const std::string_view text) {
  std::string out;
  for (const char character : text) {
    switch (character) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += character;
    }
  }
  return out;
}

std::string front_page(const std::string_view identity, const std::size_t capabilities) {
  return page("mPlane component", "<p>You are " + html(identity) + " and may use " +
                                      std::to_string(capabilities) +
                                      " of its <a href='/capability'>capabilities</a>.</p>\n"
                                      "<p>POST mPlane messages to this URL to use them.</p>\n");
}

std::string capability_page(const std::vector<Capability>& capabilities) {
  std::string body = "<ul>\n";
  for (const Capability& capability : capabilities) {
    body += "<li><a href='/capability/" + html(capability.token()) + "'>" +
            html(capability.label()) + "</a></li>\n";
  }
  return page("Capabilities", body + "</ul>\n");
}

}  // namespace mplane::detail
