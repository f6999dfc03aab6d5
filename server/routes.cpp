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

using enum Ability;

constexpr std::array k_routes{
    Route{post, "/api/events/{id}/reserve", user, reservations_write, api, &handlers::reserve},
    Route{post, "/api/reservations/{id}/purchase", user, reservations_write, api,
          &handlers::purchase},
    Route{remove, "/api/reservations/{id}", user, reservations_write, api, &handlers::cancel},
    Route{get, "/api/reservations/{id}", user, reservations_read, api, &handlers::show_reservation},
    Route{get, "/api/reservations", user, reservations_read, api, &handlers::list_reservations},
    Route{get, "/api/events/{id}", anyone, none, api, &handlers::show_event},
    Route{get, "/api/events", anyone, none, api, &handlers::list_events},
    Route{post, "/api/register", anyone, none, api, &handlers::register_user},
    Route{post, "/api/login", anyone, none, api, &handlers::login},
    Route{post, "/api/logout", user, none, api, &handlers::logout},
    Route{get, "/api/user", user, none, api, &handlers::show_user},
    Route{get, "/api/tokens", user, none, api, &handlers::list_tokens},
    Route{remove, "/api/tokens/{id}", user, none, api, &handlers::delete_token},
    Route{post, "/api/events", administrator, events_write, api, &handlers::create_event},
    Route{patch, "/api/events/{id}", administrator, events_write, api, &handlers::edit_event},
    Route{remove, "/api/events/{id}", administrator, events_write, api, &handlers::delete_event},
    Route{get, "/api/admin/events/{id}/stats", administrator, admin, api, &handlers::event_stats},
    Route{get, "/api/admin/invariants", administrator, admin, api, &handlers::invariants},
    Route{post, "/api/admin/sweep", administrator, admin, api, &handlers::sweep},
    Route{get, "/livez", anyone, none, operations, &handlers::livez},
    Route{get, "/readyz", anyone, none, operations, &handlers::readyz},
    Route{get, "/version", anyone, none, operations, &handlers::version},
    Route{get, "/metrics", anyone, none, operations, &handlers::metrics},
    Route{get, "/dashboard", anyone, none, operations, &handlers::dashboard},
    Route{get, "/dashboard.json", anyone, none, operations, &handlers::dashboard_figures},
    Route{get, "/openapi.json", anyone, none, operations, &handlers::openapi},
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
    case patch:
      return "PATCH";
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
