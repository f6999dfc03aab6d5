// The table of routes, and how a path is compared with a pattern: segment by segment, without
// decoding (no route has a character that needs it). A dozen rows are searched faster than hashed.
#include "server/routes.hpp"

#include <array>

#include "server/handlers.hpp"

namespace boxoffice::server {
namespace {

using enum Method;
using enum Who;
using enum Scope;

constexpr std::array k_routes{
    Route{post, "/api/events/{id}/reserve", user, api, &handlers::reserve},
    Route{post, "/api/reservations/{id}/purchase", user, api, &handlers::purchase},
    Route{remove, "/api/reservations/{id}", user, api, &handlers::cancel},
    Route{get, "/api/reservations/{id}", user, api, &handlers::show_reservation},
    Route{get, "/api/reservations", user, api, &handlers::list_reservations},
    Route{get, "/api/events/{id}", anyone, api, &handlers::show_event},
    Route{get, "/api/events", anyone, api, &handlers::list_events},
    Route{post, "/api/admin/sweep", admin, api, &handlers::sweep},
    Route{get, "/livez", anyone, operations, &handlers::livez},
    Route{get, "/readyz", anyone, operations, &handlers::readyz},
    Route{get, "/version", anyone, operations, &handlers::version},
    Route{get, "/metrics", anyone, operations, &handlers::metrics},
};

/// Cuts the first segment off, the slash with it.
std::string_view cut_segment(std::string_view& path) {
  const auto end = path.find('/', 1);
  const auto segment = path.substr(1, end == std::string_view::npos ? end : end - 1);
  path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path, std::string_view& parameter) {
  while (!pattern.empty() && !path.empty()) {
    const auto expected = cut_segment(pattern);
    const auto segment = cut_segment(path);
    if (expected == "{id}") {
      if (segment.empty()) return false;
      parameter = segment;
    } else if (segment != expected) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

bool serves(Scope port, const Route& route) {
  return port == both || port == route.scope;
}

}  // namespace

std::string_view name_of(Method method) {
  switch (method) {
    case get:
      return "GET, HEAD";
    case post:
      return "POST";
    case remove:
      return "DELETE";
    case other:
      break;
  }
  return "";
}

std::span<const Route> routes() {
  return k_routes;
}

Match match_route(Method method, std::string_view path, Scope scope) {
  Match match;
  if (path.empty() || path.front() != '/') return match;
  for (const auto& route : k_routes) {
    std::string_view parameter;
    if (!serves(scope, route) || !matches(route.pattern, path, parameter)) continue;
    match.path_known = true;
    if (route.method != method) continue;
    match.route = &route;
    match.parameter = parameter;
    return match;
  }
  return match;
}

std::string allowed_methods(std::string_view path, Scope scope) {
  std::string allowed;
  for (const auto& route : k_routes) {
    std::string_view parameter;
    if (!serves(scope, route) || !matches(route.pattern, path, parameter)) continue;
    if (!allowed.empty()) allowed += ", ";
    allowed += name_of(route.method);
  }
  return allowed;
}

}  // namespace boxoffice::server
