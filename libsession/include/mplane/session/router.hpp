#pragma once

#include "mplane/session/http.hpp"

#include <map>
#include <string>

namespace mplane {

/// From path and method to handler, itself an HttpHandler's body. One thread at a time while routes
/// are added, immutable afterwards.
///
/// A path matches whole, a trailing slash more or less; one that ends in "/*" matches everything
/// below it. HEAD is served by GET's handler. An unknown path is answered 404, a known path with
/// another method 405 with an Allow header.
class Router {
 public:
  explicit Router(ErrorPage error_page = plain_error_page) : error_page_(std::move(error_page)) {}

  /// Adds a route; the last one for the same method and path counts.
  Router& on(std::string method, std::string path, HttpHandler handler);

  /// Serves a request: calls the route's handler, or answers.
  void operator()(HttpRequest request, Responder responder) const;

 private:
  using Methods = std::map<std::string, HttpHandler, std::less<>>;
  const Methods* find(std::string_view path) const;

  std::map<std::string, Methods, std::less<>> exact_;
  std::map<std::string, Methods, std::less<>> below_;  ///< "/capability/*", without the star
  ErrorPage error_page_;
};

}  // namespace mplane
