// Settings of listening, TLS and connections. See settings.cpp.
#include <boost/asio/ip/address.hpp>

#include "server/settings_groups.hpp"

namespace boxoffice::server {
namespace {

Setting operations_port() {
  const auto take = [](Configuration& c, const std::string& text) {
    const auto port = parse_digits(text);
    if (!port || *port > 65535) return false;
    c.server.operations_port = static_cast<std::uint16_t>(*port);
    return true;
  };
  const auto show = [](const Configuration& c) -> std::optional<std::string> {
    const auto port = c.server.operations_port;
    return port ? std::optional(std::to_string(*port)) : std::nullopt;
  };
  return {"operations_port",
          "/livez, /readyz, /metrics, ... here instead",
          "a port number",
          Kind::number,
          take,
          show};
}

Setting host() {
  auto host = text_setting(
      "host", "address to listen on", [](auto& c) -> auto& { return c.server.host; });
  host.take = [](Configuration& c, const std::string& text) {
    boost::system::error_code error;
    boost::asio::ip::make_address(text, error);
    c.server.host = text;
    return !error;
  };
  host.form = "an address";
  return host;
}

}  // namespace

void add_network(SettingList& list) {
  list.push_back(host());
  list.push_back(count_setting(
      "port", "0: any free one", 0, 65535, [](auto& c) -> auto& { return c.server.port; }));
  list.push_back(operations_port());
  list.push_back(output_setting(
      "port_file", "writes the port there when it listens",
      [](auto& c) -> auto& { return c.port_file; }));
  list.push_back(input_setting(
      "tls_certificate", "PEM file, chain included: the port speaks HTTPS",
      [](auto& c) -> auto& { return c.tls.certificate; }));
  list.push_back(input_setting(
      "tls_key", "PEM file with its private key", [](auto& c) -> auto& { return c.tls.key; }));
  list.push_back(count_setting(
      "io_threads", "threads that serve connections", 1, 64,
      [](auto& c) -> auto& { return c.server.io_threads; }));
  list.push_back(count_setting(
      "connections", "a connection more than this gets 503", 1, 1'000'000,
      [](auto& c) -> auto& { return c.server.connections_max; }));
  const auto timeout = [&list](const char* key, const char* help, auto of) {
    list.push_back(duration_setting(key, help, k_least_timeout_us, of));
  };
  timeout(
      "idle_timeout", "between two requests",
      [](auto& c) -> auto& { return c.server.limits.idle_timeout; });
  timeout(
      "header_timeout", "first byte to end of header",
      [](auto& c) -> auto& { return c.server.limits.header_timeout; });
  timeout(
      "body_timeout", "end of header to end of body",
      [](auto& c) -> auto& { return c.server.limits.body_timeout; });
  timeout(
      "write_timeout", "for a whole reply",
      [](auto& c) -> auto& { return c.server.limits.write_timeout; });
}

}  // namespace boxoffice::server
