#include "mplane/session/router.hpp"

#include <utility>

namespace mplane {
namespace {

std::string_view without_trailing_slash(std::string_view path) {
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

}  // namespace

Router& Router::on(std::string method, std::string path, HttpHandler handler) {
  const bool below = path.size() >= 2 && path.compare(path.size() - 2, 2, "/*") == 0;
  if (below) path.pop_back();
  auto& methods = below ? below_[path] : exact_[std::string(without_trailing_slash(path))];
  methods[std::move(method)] = std::move(handler);
  return *this;
}

const Router::Methods* Router::find(std::string_view path) const {
  if (const auto exact = exact_.find(without_trailing_slash(path)); exact != exact_.end()) {
    return &exact->second;
  }
  // The longest prefix counts: look from the last slash backwards.
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos;
       slash = slash == 0 ? std::string_view::npos : path.rfind('/', slash - 1)) {
    const auto below = below_.find(path.substr(0, slash + 1));
    if (below != below_.end() && slash + 1 < path.size()) return &below->second;
  }
  return nullptr;
}

void Router::operator()(HttpRequest request, Responder responder) const {
  const Methods* const methods = find(request.path);
  if (methods == nullptr) {
    responder.send(error_page_(
        Error(ErrorKind::Unknown, request.path, "nothing is served at " + request.path)));
    return;
  }
  const auto method = methods->find(request.method == "HEAD" ? "GET" : request.method);
  if (method != methods->end()) {
    method->second(std::move(request), std::move(responder));
    return;
  }
  std::string allowed;
  for (const auto& [name, handler] : *methods) {
    allowed += (allowed.empty() ? "" : ", ") + name + (name == "GET" ? ", HEAD" : "");
  }
  HttpResponse response = error_page_(Error(ErrorKind::NotAllowed, request.path,
                                            request.path + " is served by " + allowed + " only"));
  response.headers.emplace_back("Allow", std::move(allowed));
  responder.send(std::move(response));
}

}  // namespace mplane
