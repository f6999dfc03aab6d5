// See evidence.hpp.
#include "properties/evidence.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "properties/findings.hpp"
#include "properties/names.hpp"

namespace boxoffice::properties {
namespace {

void count(const Operation& operation, Evidence& evidence) {
  evidence.reserves_ok += operation.made_reservation();
  evidence.existing_holds += operation.found_reservation();
  evidence.purchases_ok += operation.ok(Function::purchase);
  evidence.cancels_ok += operation.ok(Function::cancel);
  evidence.reads_ok += operation.ok(Function::read);
  evidence.sold_out += operation.sold_out;
  evidence.indeterminate += operation.type == EntryType::info && operation.f != Function::read;
}

bool mutator(const Operation& operation) {
  return operation.made_reservation() || operation.ok(Function::cancel);
}

/// A success, or a refusal whose code an invariant holds against the others: not that there is no
/// such thing (404), that the request was wrong, that the server is busy, nor any other reason.
bool says_something(const Operation& operation) {
  if (operation.type != EntryType::fail) return operation.type == EntryType::ok;
  if (operation.f == Function::reserve) return operation.sold_out;
  return operation.f != Function::read && operation.says_it_is_over();
}

/// So many of one kind that not one of them can be without an answer by chance.
constexpr std::int64_t k_sent_often = 20;

constexpr std::array k_all_functions = {Function::reserve, Function::purchase, Function::cancel,
                                        Function::read};

/// Of one kind of operation: how many were sent, and how many answered in a way that can be judged.
struct Answers {
  std::int64_t sent = 0, answered = 0;

  bool none() const { return answered == 0; }
};
using AnswersByFunction = std::array<Answers, k_all_functions.size()>;

/// What strangers tried with another one's reservation is not counted: what they are to be told is
/// nothing. Reads whose replies say that they are of the past are named elsewhere.
AnswersByFunction answers_of(const EventRun& event) {
  AnswersByFunction answers;
  const auto count = [&](const Operation& operation) {
    Answers& of = answers[static_cast<std::size_t>(operation.f)];
    ++of.sent;
    of.answered += says_something(operation) || operation.code() == "aged_reply";
  };
  for (const Operation* operation : event.operations) {
    if (operation->f == Function::reserve || operation->f == Function::read) count(*operation);
  }
  for (const Reservation& reservation : event.reservations) {
    const auto owner = owner_of(reservation);
    for (const Operation* operation : reservation.operations) {
      if (operation->f == Function::reserve) continue;
      if (owner.value_or(operation->in().user_id) == operation->in().user_id) count(*operation);
    }
  }
  return answers;
}

/// A kind of operation that was sent often and never answered in a way that can be judged: the run
/// says nothing about it. Of one event: where so many would have been answered if its share were
/// that of the whole run. A fault or a crowd that nobody gets through spares no event, and takes
/// its share from all of them.
void add_unanswered(const Run& run, std::vector<std::string>& missing) {
  std::vector<AnswersByFunction> events;
  events.reserve(run.events.size());
  for (const EventRun& event : run.events) events.push_back(answers_of(event));
  for (const Function f : k_all_functions) {
    const auto i = static_cast<std::size_t>(f);
    Answers all;
    for (const AnswersByFunction& event : events) {
      all.sent += event[i].sent;
      all.answered += event[i].answered;
    }
    if (all.sent >= k_sent_often && all.none()) {
      missing.push_back(sentence("none of ", all.sent, " operations ", name_of(f),
                                 " had a reply that can be judged"));
    }
    if (all.none()) continue;
    const double share = static_cast<double>(all.answered) / static_cast<double>(all.sent);
    const auto silent = [&](const AnswersByFunction& event) {
      return event[i].none() && static_cast<double>(event[i].sent) * share >= k_sent_often;
    };
    const auto first = std::ranges::find_if(events, silent);
    if (first == events.end()) continue;
    const auto others = std::count_if(first + 1, events.end(), silent);
    missing.push_back(sentence("none of ", (*first)[i].sent, " operations ", name_of(f),
                               " of event ",
                               run.events[static_cast<std::size_t>(first - events.begin())].id(),
                               others == 0 ? "" : sentence(" (and so of ", others, " more events)"),
                               " had a reply that can be judged"));
  }
}

/// How many acknowledged changes of an event began while another one of it was under way.
std::int64_t overlapping(const EventRun& event) {
  std::int64_t count = 0;
  std::int64_t busy_until_ns = k_ever_ns;
  for (const Operation* operation : event.operations) {
    if (!mutator(*operation)) continue;
    count += operation->call_ns < busy_until_ns;
    busy_until_ns = std::max(busy_until_ns, operation->return_ns);
  }
  return count;
}

bool expired_in_run(const EventRun& event, const AuditedReservation& row) {
  return row.status == ReservationStatus::expired &&
         row.closed_event_version.value_or(k_never_ns) > event.start->version;
}

bool changed_something_after(const Run& run, std::int64_t t_ns) {
  return std::any_of(run.operations.begin(), run.operations.end(), [&](const Operation& operation) {
    return operation.call_ns > t_ns && (mutator(operation) || operation.ok(Function::purchase));
  });
}

/// Where changes were asked for often, some have to have happened: what never changed was never at
/// risk.
void add_unchanged(const Run& run, std::vector<std::string>& missing) {
  std::int64_t asked = 0;
  for (const Operation& operation : run.operations) {
    if (operation.f == Function::read) continue;
    if (mutator(operation) || operation.ok(Function::purchase)) return;
    ++asked;
  }
  if (asked < k_sent_often) return;
  missing.push_back(
      sentence("none of ", asked, " reserves, purchases and cancels changed anything"));
}

/// " (365 of them: 401 unauthenticated)": who is told that nothing was said wants to know what was.
std::string usual_answer(const Run& run) {
  std::map<std::pair<int, std::string_view>, std::int64_t> counts;
  for (const Operation& operation : run.operations) {
    if (!operation.completion || says_something(operation)) continue;
    const Error& error = operation.completion->error;
    ++counts[{error.http, error.code}];
  }
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& answer) { return answer.second; });
  if (most == counts.end()) return {};
  const auto& [http, code] = most->first;
  return sentence(" (", most->second, " of them: ", http > 0 ? sentence(http, " ") : "", code, ")");
}

/// Of an event that was changed as well: one that had no tickets from the start refuses everybody
/// without a look at how many there are.
bool sold_out_in_run(const EventRun& event) {
  return std::ranges::any_of(event.operations, [](const Operation* op) { return op->sold_out; }) &&
         std::ranges::any_of(event.operations, [](const Operation* op) { return mutator(*op); });
}

/// Its events are what they are: whose server it is chooses others, and has to know which. Half of
/// what the clients can hold all at once is met by those of them that do hold.
std::string nothing_sold_out(const Run& run) {
  std::string text = "nothing was ever sold out";
  if (!run.header->others_may_edit || run.events.empty()) return text;
  std::set<std::int64_t> processes;
  std::int64_t successors = 0, most = 1;
  for (const Operation& operation : run.operations) {
    processes.insert(operation.invocation->process);
    successors += operation.type == EntryType::info;  // its client went on as a new process
    if (operation.f == Function::reserve) most = std::max(most, operation.in().quantity);
  }
  const auto left = [](const EventRun& event) { return event.start->available_tickets; };
  std::vector<const EventRun*> with_tickets;
  for (const EventRun& event : run.events) {
    if (left(event) > 0) with_tickets.push_back(&event);
  }
  if (with_tickets.empty()) return text + " in the run: no event had a ticket when it began";
  const EventRun& smallest = **std::ranges::min_element(
      with_tickets, {}, [&left](const EventRun* event) { return left(*event); });
  const std::int64_t clients = std::max<std::int64_t>(1, std::ssize(processes) - successors);
  return sentence(text, ", so that no limit was put to the test: event ", smallest.id(), " had ",
                  left(smallest), " tickets, and ", clients, " clients of up to ", most,
                  " each are sure to meet the end of ",
                  std::max<std::int64_t>(1, clients * most / 2),
                  ": judge an event of at most so many, or with more connections (-c)");
}

/// What supposes a constant capacity would blame the server for what an editor did.
void add_resized(const Run& run, std::vector<std::string>& missing) {
  const auto is_resized = [](const EventRun& event) { return !event.resized.empty(); };
  const auto first = std::ranges::find_if(run.events, is_resized);
  if (first == run.events.end()) return;
  const auto others = std::count_if(first + 1, run.events.end(), is_resized);
  missing.push_back(sentence(first->resized,
                             others == 0 ? "" : sentence(" (and so of ", others, " more events)"),
                             ": H2, H3, H5 and H6 suppose it constant"));
}

/// A fault proves something only where it met load, and where the server worked again after it.
void add_missing_faults(const Run& run, std::vector<std::string>& missing) {
  std::int64_t landed = 0;
  for (const Fault& fault : *run.faults) {
    if (!fault.landed) {
      missing.push_back(sentence("the fault ", fault.kind, " did not land: ", fault.evidence));
    } else if (fault.in_flight == 0) {
      missing.push_back(sentence("the fault ", fault.kind, " met no operation under way"));
    } else if (!changed_something_after(run, fault.healed_ns)) {
      missing.push_back(sentence("nothing succeeded after ", fault.kind, " was healed"));
    } else {
      ++landed;
    }
  }
  if (landed < run.header->evidence.faults && missing.empty()) {
    missing.push_back(sentence(landed, " of ", run.header->evidence.faults, " faults took place"));
  }
}

}  // namespace

Evidence gather_evidence(const Run& run) {
  Evidence evidence;
  for (const Operation& operation : run.operations) count(operation, evidence);
  for (const EventRun& event : run.events) {
    evidence.overlapping_mutators += overlapping(event);
    for (const AuditedReservation* row : event.rows) {
      evidence.expired_rows += expired_in_run(event, *row);
    }
  }
  return evidence;
}

std::string mostly_unanswered(const Run& run) {
  const auto answered = std::ranges::count_if(run.operations, says_something);
  const auto sent = static_cast<std::int64_t>(run.operations.size());
  if (sent < k_sent_often || 2 * answered >= sent) return {};
  return sentence("most of the load: ", sent - answered, " of ", sent,
                  " operations had no reply that says anything about tickets", usual_answer(run));
}

std::string unseen_expiry(const Run& run) {
  if (!run.header->others_may_edit) return {};
  for (const EventRun& event : run.events) {
    for (const AuditedReservation* row : event.rows) {
      if (expired_in_run(event, *row)) return {};
    }
  }
  const auto told = [](const Operation& operation) {
    return operation.code() == "reservation_expired" ||
           operation.out().status == ReservationStatus::expired;
  };
  if (std::ranges::any_of(run.operations, told)) return {};
  return sentence("expiry: no hold is known to have ended within the run (they are of ",
                  static_cast<double>(run.header->hold_us) / 1e6, " s)");
}

std::vector<std::string> missing_evidence(const Run& run, const Evidence& evidence) {
  const EvidenceWanted& wanted = run.header->evidence;
  std::vector<std::string> missing;
  if (run.operations.empty()) {
    missing.emplace_back("no operation was sent");
  } else if (std::none_of(run.operations.begin(), run.operations.end(), says_something)) {
    missing.push_back(sentence("none of ", run.operations.size(),
                               " operations had a reply that says anything about tickets",
                               usual_answer(run)));
  }
  if (run.header->audit_due && !run.audit) {
    missing.emplace_back("the database was to be asked at the end, and there is no audit");
  }
  if (wanted.sold_out && std::ranges::none_of(run.events, sold_out_in_run))
    missing.push_back(nothing_sold_out(run));
  if (wanted.contention && evidence.overlapping_mutators == 0) {
    missing.emplace_back("no two changes of one event overlapped in time");
  }
  if (wanted.expiry && evidence.expired_rows == 0) {
    missing.emplace_back(run.audit ? "no hold expired"
                                   : "no hold is known to have expired: there is no audit");
  }
  if (wanted.cancel && evidence.cancels_ok == 0) missing.emplace_back("no cancel succeeded");
  add_resized(run, missing);
  if (missing.empty()) add_unanswered(run, missing);
  if (missing.empty()) add_unchanged(run, missing);
  if (wanted.faults > 0) add_missing_faults(run, missing);
  return missing;
}

}  // namespace boxoffice::properties
