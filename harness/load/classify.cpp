// See classify.hpp. The first row that fits decides; the last one fits everything.
#include "harness/load/classify.hpp"

#include <algorithm>
#include <iterator>

namespace boxoffice::load {
namespace {

using properties::EntryType;
using properties::Function;

enum class Asked { anything, reserve, change, read };  // change: purchase or cancel
enum class Effect { unstated, none };                  // what the problem has to promise

struct Row {
  Asked asked;
  int http_min;
  int http_max;
  std::string_view code;  // empty: any
  Effect effect;
  EntryType type;
  Outcome outcome;
};

constexpr Row k_rows[] = {
    {Asked::reserve, 201, 201, "", Effect::unstated, EntryType::ok, Outcome::success},
    {Asked::reserve, 200, 200, "", Effect::unstated, EntryType::ok, Outcome::existing},
    {Asked::change, 200, 200, "", Effect::unstated, EntryType::ok, Outcome::success},
    {Asked::read, 200, 299, "", Effect::unstated, EntryType::ok, Outcome::success},
    {Asked::anything, 200, 399, "", Effect::unstated, EntryType::info, Outcome::indeterminate},

    // These statuses say by themselves that nothing was changed.
    {Asked::anything, 409, 409, "sold_out", Effect::unstated, EntryType::fail, Outcome::sold_out},
    {Asked::anything, 400, 400, "", Effect::unstated, EntryType::fail, Outcome::refused},
    {Asked::anything, 404, 404, "", Effect::unstated, EntryType::fail, Outcome::refused},
    {Asked::anything, 409, 410, "", Effect::unstated, EntryType::fail, Outcome::refused},
    {Asked::anything, 422, 422, "", Effect::unstated, EntryType::fail, Outcome::refused},

    // Any other 4xx, and 503, only with the promise.
    {Asked::anything, 429, 429, "", Effect::none, EntryType::fail, Outcome::overload},
    {Asked::anything, 400, 499, "", Effect::none, EntryType::fail, Outcome::refused},
    {Asked::anything, 503, 503, "retries_exhausted", Effect::none, EntryType::fail,
     Outcome::conflict},
    {Asked::anything, 503, 503, "lock_timeout", Effect::none, EntryType::fail,
     Outcome::lock_timeout},
    {Asked::anything, 503, 503, "overloaded", Effect::none, EntryType::fail, Outcome::overload},
    {Asked::anything, 503, 503, "pool_exhausted", Effect::none, EntryType::fail, Outcome::overload},
    {Asked::anything, 503, 503, "shutting_down", Effect::none, EntryType::fail, Outcome::overload},
    {Asked::anything, 503, 503, "", Effect::none, EntryType::fail, Outcome::error},

    {Asked::anything, 0, 999, "", Effect::unstated, EntryType::info, Outcome::indeterminate},
};

bool fits(Asked row, Function asked) {
  switch (row) {
    case Asked::anything:
      return true;
    case Asked::reserve:
      return asked == Function::reserve;
    case Asked::change:
      return asked == Function::purchase || asked == Function::cancel;
    case Asked::read:
      return asked == Function::read;
  }
  return false;
}

const Row& row_for(Function asked, const Reply& reply) {
  const auto found = std::ranges::find_if(k_rows, [&](const Row& row) {
    return fits(row.asked, asked) && reply.out.http >= row.http_min &&
           reply.out.http <= row.http_max && (row.code.empty() || row.code == reply.code) &&
           (row.effect == Effect::unstated || reply.effect_none);
  });
  return found == std::end(k_rows) ? *std::prev(std::end(k_rows)) : *found;
}

Classified classify_change(Function asked, const TransportFailure& failure, const Reply& reply) {
  if (!failure.code.empty()) {
    const properties::Error error{std::string(failure.code), reply.out.http,
                                  std::string(failure.phase)};
    if (!failure.sent) return {EntryType::fail, Outcome::error, error};
    return {EntryType::info, Outcome::indeterminate, error};
  }
  if (!reply.known) {
    return {EntryType::info, Outcome::indeterminate, {"unmapped_reply", reply.out.http, "parse"}};
  }
  if (!reply.valid) {
    return {EntryType::info, Outcome::indeterminate, {"unreadable_reply", reply.out.http, "parse"}};
  }
  const Row& row = row_for(asked, reply);
  Classified classified{row.type, row.outcome, {}};
  if (row.type != EntryType::ok) {
    classified.error = {reply.code.empty() ? "unexpected_status" : reply.code, reply.out.http, ""};
  }
  return classified;
}

}  // namespace

Classified classify(Function asked, const TransportFailure& failure, const Reply& reply) {
  Classified classified = classify_change(asked, failure, reply);
  if (asked == Function::read && classified.type == EntryType::info) {
    classified.type = EntryType::fail;
    classified.outcome = Outcome::error;
  }
  if (asked == Function::read && classified.type == EntryType::ok && reply.aged) {
    classified.type = EntryType::fail;
    classified.error = {"aged_reply", reply.out.http, ""};
  }
  return classified;
}

}  // namespace boxoffice::load
