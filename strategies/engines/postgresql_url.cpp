// See postgresql_url.hpp. The session's limits travel as options of the connection, so that no
// statement is needed to set them.
#include "strategies/engines/postgresql_url.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "strategies/engines/percent.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::strategies {

namespace {

std::string conninfo_value(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// Whole seconds, rounded up, since libpq's connect_timeout knows no fractions (and takes at least 2
// for 1).
long long seconds(std::chrono::milliseconds duration) {
  return (duration.count() + 999) / 1000;
}

// What the strategies rely on.
std::string session_options(const SessionLimits& limits) {
  return fmt::format(
      "-c default_transaction_isolation=read\\ committed -c lock_timeout={} -c "
      "statement_timeout={} "
      "-c idle_in_transaction_session_timeout={} -c TimeZone=UTC",
      limits.lock_timeout.count(), limits.statement_timeout.count(),
      limits.idle_in_transaction_timeout.count());
}

// For a server whose client's machine is gone, the mirror of kernel_options(): nothing else tells
// it so, and the session keeps its locks. What the URL says of them comes later and counts.
std::string server_kernel_options(const SessionLimits& limits) {
  return fmt::format(
      "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 "
      "-c tcp_user_timeout={}",
      limits.silence_max().count());
}

// As the server takes options apart: at spaces, of which one behind a '\\' is none.
std::vector<std::string> words_of(std::string_view options) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (std::isspace(static_cast<unsigned char>(options[i]))) {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    if (options[i] == '\\' && i + 1 < options.size()) ++i;
    words.back() += options[i];
  }
  return words;
}

// The names that options set: "-c name=value", "-cname=value" or "--name=value", in any case, and
// with '-' for '_' in the last.
std::set<std::string> names_set_by(std::string_view options) {
  std::set<std::string> names;
  const auto words = words_of(options);
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string name = words[i];
    if (name == "-c" && i + 1 < words.size()) name += words[++i];
    if (!name.starts_with("-c") && !name.starts_with("--")) continue;
    name = name.substr(2, name.find('=') - 2);
    for (char& c : name)
      c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    names.insert(name);
  }
  return names;
}

// Another isolation would break what the strategies are built on, silently; another timeout the
// bounds that are computed from ours.
void check_options(std::string_view of_the_url, const SessionLimits& limits) {
  const auto ours = names_set_by(session_options(limits));
  for (const std::string& name : names_set_by(of_the_url)) {
    if (!ours.contains(name)) continue;
    throw ConfigurationError(
        fmt::format("database URL: its options set {}, which this program sets itself", name));
  }
}

// What the kernel notices by itself: a peer whose machine or way is gone. What the URL says of them
// comes later and counts. Of a socket in the file system none of this is asked.
std::string kernel_options(const SessionLimits& limits) {
  if (limits.silence_max().count() == 0) return "";
  return fmt::format(
      "tcp_user_timeout={} keepalives=1 keepalives_idle=10 keepalives_interval=5 "
      "keepalives_count=3 ",
      limits.silence_max().count());
}

// libpq takes any text here and says at each connect that the number is none. What stands there may
// be a password with a '/' in it: it is not repeated.
void check_port(const std::string& port) {
  if (port.find_first_not_of("0123456789,") == std::string::npos) return;
  throw ConfigurationError(
      "database URL: what stands for its port is no number (in a user name or password '/' is "
      "written %2F, '@' %40, ':' %3A, '%' %25)");
}

// libpq looks at it at each connect only, and then says that the database is away.
void check_sslmode(const std::string& mode) {
  constexpr std::array k_modes{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  if (mode.empty() || std::ranges::find(k_modes, mode) != k_modes.end()) return;
  throw ConfigurationError(fmt::format("database URL: sslmode={}: known are {}", mode.substr(0, 32),
                                       fmt::join(k_modes, ", ")));
}

// Of a list of hosts each one counts; a path is a socket's.
bool leaves_this_machine(const std::string& hosts) {
  for (std::size_t at = 0; at < hosts.size();) {
    const auto end = std::min(hosts.find(',', at), hosts.size());
    const std::string_view host = std::string_view(hosts).substr(at, end - at);
    const bool is_socket = host.empty() || host.front() == '/' || host.front() == '@';
    if (!is_socket && !is_loopback(host)) return true;
    at = end + 1;
  }
  return false;
}

// Below "require" libpq goes on in the clear where the server, or whoever answers for it, says so.
bool demands_tls(const std::string& mode) {
  return mode == "require" || mode.starts_with("verify-");
}

// libpq puts the part of the URL that it cannot read behind its words, in quotes.
std::string without_quoted(std::string why) {
  why.erase(std::min(why.find('"'), why.size()));
  while (!why.empty() && (why.back() == '\n' || why.back() == ' ' || why.back() == ':'))
    why.pop_back();
  return why;
}

// The URL again, of what was in it. libpq reads a parameter as what it reads before the '?': a path
// or a list of hosts can stand nowhere else.
std::string shown(const PQconninfoOption* options) {
  std::string user, host, port, name, parameters;
  for (const auto* option = options; option->keyword; ++option) {
    const bool is_secret = option->dispchar && *option->dispchar == '*';
    if (!option->val || !*option->val || is_secret) continue;
    const std::string_view keyword = option->keyword, value = option->val;
    const bool is_list = value.find(',') != value.npos;
    if (keyword == "user") {
      user = percent_encoded(value) + "@";
    } else if (keyword == "dbname") {
      name = percent_encoded(value);
    } else if (keyword == "host" && !is_list && value.front() != '/' && value.front() != '@') {
      host = host_in_url(std::string(value));
    } else if (keyword == "port" && !is_list) {
      port = fmt::format(":{}", value);
    } else {
      parameters += (parameters.empty() ? '?' : '&') + parameter_in_url(keyword, value);
    }
  }
  return fmt::format("postgresql://{}{}{}/{}{}", user, host, port, name, parameters);
}

}  // namespace

Conninfo read_postgresql_url(const std::string& url, const SessionLimits& limits) {
  char* error = nullptr;
  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(url.c_str(), &error), PQconninfoFree);
  if (!options) {
    std::string why = error ? error : "out of memory";
    PQfreemem(error);
    throw ConfigurationError("database URL: " + without_quoted(why));
  }
  Conninfo info{.text = kernel_options(limits), .display = {}};
  std::string host, address, sslmode, own_options;
  if (const char* const mode = std::getenv("PGSSLMODE")) sslmode = mode;
  for (const auto* option = options.get(); option->keyword; ++option) {
    if (!option->val || !*option->val) continue;
    const std::string_view keyword = option->keyword;
    if (keyword == "options") {
      own_options = option->val;
      continue;
    }
    if (keyword == "connect_timeout") continue;
    info.text += fmt::format("{}={} ", keyword, conninfo_value(option->val));
    if (keyword == "host") host = option->val;
    if (keyword == "hostaddr") address = option->val;
    if (keyword == "sslmode") sslmode = option->val;
    if (keyword == "port") check_port(option->val);
  }
  check_sslmode(sslmode);
  check_options(own_options, limits);
  info.text += fmt::format("connect_timeout={} application_name=boxoffice-server options={}",
                           seconds(limits.connect_timeout),
                           conninfo_value(server_kernel_options(limits) + " " + own_options + " " +
                                          session_options(limits)));
  info.display = shown(options.get());
  info.in_the_clear =
      !demands_tls(sslmode) && leaves_this_machine(address.empty() ? host : address);
  info.is_list = (host + address).find(',') != std::string::npos;
  return info;
}

}  // namespace boxoffice::strategies
