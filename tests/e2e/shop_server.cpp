// See shop_server.hpp.
#include "tests/e2e/shop_server.hpp"

#include <fmt/format.h>

#include <chrono>
#include <regex>

namespace boxoffice::tests {

namespace {

namespace json = boost::json;

}  // namespace

ShopServer::ShopServer(std::int64_t seats, Bug bug, Ids ids)
    : seats_(seats),
      bug_(bug),
      ids_(ids),
      show_(ids == Ids::texts ? "/shop/shows/hall-a" : "/shop/shows/7"),
      left_(seats),
      server_([this](const load::ReceivedRequest& request) {
        return load::ScriptedReply{answer(request)};
      }) {}

std::set<std::string> ShopServer::surprises() {
  const std::lock_guard lock(mutex_);
  return surprises_;
}

std::int64_t ShopServer::orders() {
  const std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(orders_.size());
}

std::string ShopServer::refuse(int status, const std::string& kind) {
  return load::http_reply(status, fmt::format(R"({{"fault":{{"kind":"{}"}}}})", kind));
}

std::string ShopServer::surprised(const load::ReceivedRequest& request, const std::string& why) {
  const std::lock_guard lock(mutex_);
  surprises_.insert(request.method + " " + request.path + " " + request.body + ": " + why);
  return refuse(400, "MALFORMED");
}

std::string ShopServer::answer(const load::ReceivedRequest& request) {
  if (request.method == "GET" && request.path == show_) {
    const std::lock_guard lock(mutex_);
    return load::http_reply(200,
                            fmt::format(R"({{"show":{{"seats":{},"left":{}}}}})", seats_, left_));
  }
  const std::string key = request.header("X-Api-Key");
  if (!key.starts_with("key-")) return surprised(request, "no key");
  if (!request.header("Authorization").empty()) return surprised(request, "a header of ours");
  const std::int64_t user = std::stoll(key.substr(4));
  static const std::regex k_order("/shop/orders/(?:A-)?([0-9]+)(/release)?");
  std::smatch match;
  if (!std::regex_match(request.path, match, k_order)) return reserve(request, user);

  const std::lock_guard lock(mutex_);
  const auto order = orders_.find(std::stoll(match[1]));
  if (order == orders_.end() || order->second.owner != user) return refuse(404, "NO_ORDER");
  if (request.method == "POST" && match[2].matched) return release(order->first, order->second);
  if (request.method == "PATCH" && !match[2].matched) return purchase(request, order->second);
  return refuse(405, "METHOD");
}

std::int64_t ShopServer::take(std::int64_t seats) {
  std::unique_lock lock(mutex_);
  const std::int64_t left = left_ - seats;
  const std::uint64_t number = ++begun_;
  ordered_.notify_all();
  if (bug_ == Bug::lost_update && number % 8 == 0) {
    // The next order takes its seats while this one waits, from the number that this one has read.
    ordered_.wait_for(lock, std::chrono::milliseconds(200), [&] { return begun_ != number; });
  }
  if (left >= 0) left_ = left;
  return left;
}

std::string ShopServer::reserve(const load::ReceivedRequest& request, std::int64_t user) {
  const std::string id = request.header("Idempotency-Key");
  if (request.method != "PUT" || request.path != fmt::format("{}/orders/{}", show_, id))
    return surprised(request, "no such path");
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  if (error || body.at("buyer").at("number") != user || body.at("channel") != "web")
    return surprised(request, "another body");
  const std::int64_t seats = body.at("seats").to_number<std::int64_t>();
  const std::int64_t left = take(seats);
  if (left < 0) {
    return load::http_reply(403, R"({"fault":{"kind":"NO_SEATS"}})");
  }
  const std::lock_guard lock(mutex_);
  const auto number = static_cast<std::int64_t>(orders_.size()) + 100;
  orders_[number] = {user, seats};
  return load::http_reply(
      202,
      fmt::format(R"({{"order":{{"number":{},"seats":{},"state":"HELD"}},"show":{{"left":{}}}}})",
                  written(number), seats, left));
}

std::string ShopServer::written(std::int64_t number) const {
  if (ids_ == Ids::numbers) return std::to_string(number);
  return fmt::format("\"{}{}\"", ids_ == Ids::texts ? "A-" : "", number);
}

std::string ShopServer::purchase(const load::ReceivedRequest& request, Order& order) {
  if (request.body != R"({"state":"PAID"})") return refuse(400, "MALFORMED");
  if (order.state != "HELD") return refuse(409, "NOT_HELD");
  order.state = "PAID";
  return load::http_reply(200, "");
}

std::string ShopServer::release(std::int64_t number, Order& order) {
  if (order.state != "HELD") return refuse(409, "NOT_HELD");
  order.state = "RELEASED";
  left_ += order.seats;
  return load::http_reply(
      200, fmt::format(R"({{"order":{{"number":{}}},"show":{{"left":{}}}}})", number, left_));
}

}  // namespace boxoffice::tests
