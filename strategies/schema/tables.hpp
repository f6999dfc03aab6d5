// The mapped tables, one class each. The migrations are the truth about the schema;
// tests/strategies proves that this mapping agrees with them.
//
// The ODB compiler reads this file as C++14. Times are mapped to microseconds since the Unix epoch,
// so that no time-zone rule of the session can change one; ids are plain integers here and types
// (types.hpp) outside.
#pragma once

#include <odb/core.hxx>
#include <odb/nullable.hxx>

#include <cstdint>
#include <string>

namespace boxoffice {
namespace strategies {
namespace schema {

#pragma db object table("events")
class Event {
 public:
#pragma db id auto
  std::int64_t id;
#pragma db type("VARCHAR(255)")
  std::string name;
#pragma db type("TEXT")
  std::string description;
#pragma db type("BIGINT")
  std::int64_t total_tickets;
#pragma db type("BIGINT")
  std::int64_t available_tickets;
#pragma db pgsql : type("NUMERIC(10,2)") mysql : type("DECIMAL(10,2)")
  std::string price;
#pragma db type("VARCHAR(3)")
  std::string currency;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t event_date;
#pragma db type("VARCHAR(100)")
  std::string category;
#pragma db type("BIGINT")
  std::int64_t version;
#pragma db type("BIGINT")
  std::int64_t revision;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t created_at;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t updated_at;
};

#pragma db object table("reservations")
class Reservation {
 public:
#pragma db id auto
  std::int64_t id;
  std::int64_t event_id;
  std::int64_t user_id;
#pragma db type("BIGINT")
  std::int64_t quantity;
#pragma db type("VARCHAR(16)")
  std::string status;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t expires_at;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  odb::nullable<std::int64_t> purchased_at;
#pragma db type("VARCHAR(36)")
  std::string request_id;
#pragma db type("BIGINT")
  std::int64_t event_version;
#pragma db type("BIGINT")
  odb::nullable<std::int64_t> closed_event_version;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t created_at;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t updated_at;
};

#pragma db object table("users")
class User {
 public:
#pragma db id auto
  std::int64_t id;
#pragma db type("VARCHAR(255)")
  std::string name;
#pragma db type("VARCHAR(255)")
  std::string email;
#pragma db type("VARCHAR(255)")
  std::string password;
#pragma db type("VARCHAR(16)")
  std::string role;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t created_at;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t updated_at;
};

#pragma db object table("personal_access_tokens")
class PersonalAccessToken {
 public:
#pragma db id auto
  std::int64_t id;
  std::int64_t user_id;
#pragma db type("VARCHAR(255)")
  std::string name;
#pragma db type("CHAR(64)")
  std::string token;
#pragma db type("TEXT")
  std::string abilities;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  odb::nullable<std::int64_t> last_used_at;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  odb::nullable<std::int64_t> expires_at;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t created_at;
};

#pragma db object table("idempotency_keys")
class IdempotencyKey {
 public:
#pragma db id auto
  std::int64_t id;
  std::int64_t user_id;
#pragma db type("VARCHAR(255)")
  std::string idempotency_key;
#pragma db type("CHAR(64)")
  std::string request_hash;
#pragma db type("BIGINT")
  odb::nullable<std::int64_t> status;
#pragma db type("VARCHAR(255)")
  std::string content_type;
#pragma db type("TEXT")
  std::string headers;
#pragma db type("TEXT")
  std::string reply;
#pragma db pgsql : type("TIMESTAMPTZ") mysql : type("DATETIME(6)")
  std::int64_t created_at;
};

}  // namespace schema
}  // namespace strategies
}  // namespace boxoffice

#ifdef ODB_COMPILER
#if defined(ODB_DATABASE_MYSQL)
#pragma db map type("DATETIME\\(6\\)") as("BIGINT")                   \
    to("(TIMESTAMP'1970-01-01 00:00:00' + INTERVAL (?) MICROSECOND)") \
        from("TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', (?))")
#pragma db map type("DECIMAL\\(10,2\\)") as("VARCHAR(16)") to("(?)") from("(?)")
#else
#pragma db map type("TIMESTAMPTZ") as("BIGINT")                   \
    to("('epoch'::timestamptz + (?) * interval '1 microsecond')") \
        from("(extract(epoch from (?)) * 1000000)::bigint")
#pragma db map type("NUMERIC\\(10,2\\)") as("TEXT") to("(?)::numeric(10,2)") from("(?)::text")
#endif
#endif
