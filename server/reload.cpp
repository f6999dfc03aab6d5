// See reload.hpp. What changed is logged at any level but "off": under the more talkative of the
// old one and "info", before the new one takes effect.
#include "server/reload.hpp"

#include <algorithm>

#include "server/log.hpp"
#include "server/settings.hpp"
#include "strategies/failure.hpp"

namespace boxoffice::server {
namespace {

struct Change {
  const Setting* setting;
  std::optional<std::string> from, to;  ///< as may be printed
};

std::vector<Change> changes(const Configuration& current, const Configuration& fresh) {
  std::vector<Change> list;
  for (const Setting& setting : server_settings()) {
    if (setting.show(current) == setting.show(fresh)) continue;
    list.push_back({&setting, setting.display(current), setting.display(fresh)});
  }
  return list;
}

void report(const Change& change) {
  const bool now = change.setting->reloadable;
  log::write(now ? log::Level::info : log::Level::warn,
             now ? "Setting changed" : "Setting changes at the next start", [&](JsonWriter& json) {
               json.field("setting", change.setting->key);
               json.field("from", change.from.value_or(""));
               json.field("to", change.to.value_or(""));
             });
}

/// What takes effect here, out of a configuration that was checked. The limits do where the
/// application is at hand (serve.cpp).
void apply(const Configuration& c) {
  log::set_level(c.log_level);
}

}  // namespace

void reload(Configuration& current) {
  Configuration fresh;
  try {
    fresh = read_configuration(current.sources);
  } catch (const strategies::ConfigurationError& error) {
    log::write(log::Level::error, "Configuration has a mistake: the old one stays in effect",
               [&](JsonWriter& json) { json.field("mistake", error.what()); });
    return;
  }
  const auto list = changes(current, fresh);
  if (current.log_level != log::Level::off) {
    log::set_level(std::min(current.log_level, log::Level::info));
  }
  log::write(log::Level::info, "Configuration read again", [&](JsonWriter& json) {
    json.field("changes", static_cast<std::int64_t>(list.size()));
  });
  for (const Change& change : list) {
    report(change);
    if (change.setting->reloadable) change.setting->take(current, *change.setting->show(fresh));
  }
  apply(current);
}

void reload_certificate(TlsPort& tls) {
  try {
    tls.reload();
    log::write(log::Level::info, "Certificate read again",
               [&](JsonWriter& json) { json.field("not_after", tls.current()->not_after()); });
  } catch (const strategies::ConfigurationError& error) {
    log::write(log::Level::error, "Certificate has a mistake: the old one stays in effect",
               [&](JsonWriter& json) { json.field("mistake", error.what()); });
  }
  warn_of_expiry(tls);
}

void warn_of_expiry(const TlsPort& tls) {
  const auto notice = tls.expiry_notice();
  if (!notice) return;
  log::write(notice->expired ? log::Level::error : log::Level::warn,
             notice->expired ? "Certificate has expired" : "Certificate expires soon",
             [&](JsonWriter& json) { json.field("what", notice->text); });
}

}  // namespace boxoffice::server
