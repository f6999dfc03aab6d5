// What people register and log in with.
//
// An address is compared in lower case: whoever registered as Ada@ logs in as ada@. It is looked at
// for the form only; whether it exists, only a letter would tell.
#include "server/body_reader.hpp"

namespace boxoffice::server {
namespace {

namespace json = boost::json;

constexpr std::size_t k_name_bytes = 255;
constexpr std::size_t k_password_bytes_least = 8;
constexpr std::size_t k_password_bytes = 1024;

Wrong take_email(const json::value& value, std::string& email) {
  if (take_text(value, 3, k_name_bytes, email)) return "must be an e-mail address";
  for (char& c : email) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  const auto at = email.find('@');
  const bool shaped = at != std::string::npos && at > 0 && at + 1 < email.size() &&
                      email.find('@', at + 1) == std::string::npos &&
                      email.find_first_of(" \"(),:;<>[\\]") == std::string::npos;
  return shaped ? Wrong() : "must be an e-mail address";
}

/// Bytes as they are: a password may hold anything.
Wrong take_password(const json::value& value, std::size_t least, std::string& password) {
  const auto* string = value.if_string();
  if (string == nullptr || string->size() < least || string->size() > k_password_bytes) {
    return "must be a text of " + std::to_string(least) + " to " +
           std::to_string(k_password_bytes) + " bytes";
  }
  password.assign(string->data(), string->size());
  return std::nullopt;
}

Wrong take_abilities(const json::value& value, Abilities& abilities) {
  const auto* list = value.if_array();
  constexpr std::string_view k_form =
      "must be a list of reservations:read, reservations:write, events:write, admin or *";
  if (list == nullptr || list->empty()) return std::string(k_form);
  for (const auto& name : *list) {
    if (!name.is_string() || !abilities.add(name.get_string())) return std::string(k_form);
  }
  return std::nullopt;
}

/// What is missing is said beside what is wrong.
std::optional<Invalid> require(std::optional<Invalid> invalid,
                               std::initializer_list<std::pair<const char*, bool>> fields) {
  if (invalid && invalid->code != ProblemCode::validation_failed) return invalid;
  for (const auto& [name, given] : fields) {
    if (given) continue;
    if (!invalid) invalid.emplace();
    const bool said = std::ranges::count(invalid->errors, name, &FieldError::field) > 0;
    if (!said) invalid->errors.push_back({name, "is required"});
  }
  return invalid;
}

}  // namespace

std::optional<Invalid> read_registration(const Request& request, Inputs& inputs) {
  AccountInput& account = inputs.account.emplace();
  account.device_name = "registration";
  auto invalid = read_body(request, [&](std::string_view name, const json::value& value) -> Wrong {
    if (name == "name") return take_text(value, 1, k_name_bytes, account.name);
    if (name == "email") return take_email(value, account.email);
    if (name == "password") return take_password(value, k_password_bytes_least, account.password);
    if (name == "device_name") return take_text(value, 1, k_name_bytes, account.device_name);
    return "is not a known field";
  });
  account.abilities = Abilities::all();
  return require(std::move(invalid), {{"name", !account.name.empty()},
                                      {"email", !account.email.empty()},
                                      {"password", !account.password.empty()}});
}

std::optional<Invalid> read_login(const Request& request, Inputs& inputs) {
  AccountInput& account = inputs.account.emplace();
  auto invalid = read_body(request, [&](std::string_view name, const json::value& value) -> Wrong {
    if (name == "email") return take_email(value, account.email);
    if (name == "password") return take_password(value, 1, account.password);
    if (name == "device_name") return take_text(value, 1, k_name_bytes, account.device_name);
    if (name == "abilities") return take_abilities(value, account.abilities);
    return "is not a known field";
  });
  if (account.abilities.empty()) account.abilities = Abilities::all();
  return require(std::move(invalid), {{"email", !account.email.empty()},
                                      {"password", !account.password.empty()},
                                      {"device_name", !account.device_name.empty()}});
}

}  // namespace boxoffice::server
