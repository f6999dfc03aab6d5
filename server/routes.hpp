// Which request goes where: the table itself is on top of routes.cpp.
//
// 404 and 405 (with Allow) follow from the table; nothing else decides them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/abilities.hpp"
#include "server/responder.hpp"

namespace boxoffice::server {

enum class Who { anyone, user, administrator };

/// Answers on the spot or names the call's work; on the I/O thread, so it never blocks. It runs
/// before the token is looked up: what it says goes out only if the token is good.
using Handler = void (*)(Call&);

struct Route {
  Method method;
  std::string_view pattern;  ///< `{id}` stands for one segment
  Who who;
  Ability ability;  ///< what its token must be able to do
  Scope scope;      ///< api or operations
  Handler handler;
};

struct Match {
  const Route* route = nullptr;
  std::string_view parameter;  ///< of the path given; what stood for {id}
  bool path_known = false;     ///< the path has a route, perhaps with another method
};

/// All of them, where they stand for the life of the program.
std::span<const Route> routes();

Match match_route(Method method, std::string_view path, Scope scope);
/// For Allow and for labels: "GET, HEAD", "POST", ...
std::string_view name_of(Method method);
/// For Allow: "DELETE, GET, HEAD".
std::string allowed_methods(std::string_view path, Scope scope);

}  // namespace boxoffice::server
