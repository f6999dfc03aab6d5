// Settings of the database and of the reads that may come from elsewhere. See settings.cpp.
#include "server/settings_groups.hpp"
#include "strategies/database.hpp"

namespace boxoffice::server {
namespace {

constexpr std::int64_t k_least_lag_us = 200'000;  // its age is looked at 50 times a second at most

std::string mask_url(const std::string& url) {
  return strategies::Database(url).display_url();
}

/// One of the two that name a database replaces the other: the later one is the stronger.
/// `of_url` and `of_file` are their places, `none` the word for no database, if there is one.
template <class OfUrl, class OfFile>
SettingList database_pair(const std::string& key, const std::string& help,
                          const std::string& file_help, const std::string& none, OfUrl of_url,
                          OfFile of_file) {
  auto url = text_setting(key, help, of_url);
  url.take = [of_url, of_file, none](Configuration& c, const std::string& text) {
    const bool named = none.empty() || text != none;
    if (named) strategies::Database{text};  // throws what is wrong with it, without its password
    of_url(c) = named ? text : "";
    of_file(c).clear();
    return true;
  };
  url.show = [of_url, of_file](const Configuration& c) -> std::optional<std::string> {
    if (of_url(c).empty() || !of_file(c).empty()) return std::nullopt;
    return of_url(c);
  };
  url.mask = mask_url;
  auto file = text_setting(key + "_file", file_help, of_file);
  file.take = [of_url, of_file](Configuration& c, const std::string& text) {
    of_url(c).clear();
    of_file(c) = text;
    return !text.empty();
  };
  file.form = "a file's path";
  return {url, file};
}

}  // namespace

void add_database(SettingList& list) {
  auto pair = database_pair(
      "database", "postgresql:// or mysql://; a password does not belong here",
      "a file that holds the URL, its password included", "",
      [](auto& c) -> auto& { return c.database; },
      [](auto& c) -> auto& { return c.database_file; });
  pair[0].variable = "BOXOFFICE_DATABASE";
  pair[1].variable = "BOXOFFICE_DATABASE_FILE";
  list.insert(list.end(), pair.begin(), pair.end());
}

void add_reads(SettingList& list) {
  list.push_back(duration_setting(
      "event_cache", "how long an event is shown from memory; 0: never", 0,
      [](auto& c) -> auto& { return c.event_cache; }));
  const auto pair = database_pair(
      "replica_database", "a read replica for listings; none: there is none",
      "a file that holds its URL, its password included", "none",
      [](auto& c) -> auto& { return c.replica_database; },
      [](auto& c) -> auto& { return c.replica_database_file; });
  list.insert(list.end(), pair.begin(), pair.end());
  list.push_back(duration_setting(
      "replica_lag", "it is read while it is at most so old", k_least_lag_us,
      [](auto& c) -> auto& { return c.replica_lag; }));
  list.push_back(count_setting(
      "replica_pool", "connections to it, a thread each", 1, 1000,
      [](auto& c) -> auto& { return c.replica_pool; }));
}

}  // namespace boxoffice::server
