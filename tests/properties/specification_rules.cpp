// See specification_rules.hpp. First reserve, then purchase and cancel, then what refusals say, and
// last the sweep. What begins with "Lenient" is not the domain's rule but what the judge excuses,
// or does not see.
#include "specification_rules.hpp"

#include <bit>
#include <string>
#include <utility>

namespace boxoffice::properties::specification {
namespace {

using enum ReservationStatus;

class Rules {
 public:
  Rules(const Question& question, std::vector<World>& next)
      : asked_(question), unseen_(question.lenient && !question.rows_known), next_(next) {}

  /// The operation takes effect, and will be answered so.
  void add_operation(std::size_t i, World world) {
    const Operation& operation = asked_.operations[i];
    world.now_ns = std::max(world.now_ns, operation.call_ns);
    if (operation.f == Function::reserve && operation.type != EntryType::fail) {
      return add_reserve(i, std::move(world));
    }
    world.answered |= 1U << i;
    if (answers(operation, world)) next_.push_back(std::move(world));
  }

  /// Any of the holds whose time may be over by then expire, several as one change.
  void add_sweeps(const World& world, std::int64_t deadline_ns) {
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < world.holds.size(); ++i) {
      const Hold& hold = world.holds[i];
      if (hold.status == reserved && asked_.ends_from_ns(hold) <= deadline_ns) due.push_back(i);
    }
    for (unsigned batch = 1; batch < 1U << due.size(); ++batch) {
      // Where nobody counts the changes, several are as good as one after the other.
      if (!asked_.header.versions && !std::has_single_bit(batch)) continue;
      World swept = world;
      ++swept.version;
      for (std::size_t i = 0; i < due.size(); ++i) {
        if ((batch >> i & 1U) == 0) continue;
        wait_for_end_of(swept.holds[due[i]], swept);
        close(swept.holds[due[i]], expired, swept);
      }
      next_.push_back(std::move(swept));
    }
  }

  /// Lenient: a hold of before the run that was purchased, by its row, may have been before it. So
  /// X4 only asks that somebody tried, and nobody when, even where it was found reserved since.
  void add_purchases_of_before(const World& world) {
    if (!asked_.lenient) return;
    for (const Operation& operation : asked_.operations) {
      World then = world;
      Hold* hold = of_before_the_run(operation, then);
      if (!hold || hold->status != reserved || operation.f != Function::purchase) continue;
      hold->status = purchased;
      next_.push_back(std::move(then));
    }
  }

 private:
  /// 201 makes a reservation, and where there was no reply it may have. 200 finds the user's active
  /// hold, or what the same request made before, in whatever state that is: the request was sent
  /// again, or its own COMMIT was lost and is looked up.
  void add_reserve(std::size_t i, World world) {
    const Operation& operation = asked_.operations[i];
    const bool looks_up = (world.looking_up >> i & 1U) != 0;
    if (!looks_up) make(i, world);
    if (!operation.found_reservation()) return;
    world.looking_up &= ~(1U << i);
    world.answered |= 1U << i;
    Hold* hold = own(operation, world);
    if (!hold || !is_told(operation, *hold) || !has_numbers(operation, world)) return;
    if (hold->request_id == operation.invocation->request_id) {
      if (tells_when_it_was_made(*hold)) {
        hold->made_return_ns = std::min(hold->made_return_ns, operation.return_ns);
      }
    } else if (looks_up || !is_active(*hold, operation, world)) {
      return;
    }
    next_.push_back(std::move(world));
  }

  /// Lenient: who finds it knows that it had been made by then. But the judge goes by the return of
  /// the 201 where there is one, also if that comes later, and asks nothing of when a hold of
  /// before the run was made.
  bool tells_when_it_was_made(const Hold& hold) const {
    if (!asked_.lenient) return true;
    return hold.made_return_ns == k_never_ns && hold.made_call_ns != k_ever_ns;
  }

  void make(std::size_t i, const World& world) {
    const Operation& operation = asked_.operations[i];
    const Input& in = operation.in();
    const std::string& request_id = operation.invocation->request_id;
    if (in.quantity <= 0 || in.quantity > world.available) return;
    for (const Hold& hold : world.holds) {
      if (hold.request_id == request_id && !may_reserve_again(operation)) return;
      const bool has_one = hold.user_id == in.user_id && hold.status == reserved;
      if (has_one && asked_.header.one_hold_per_user) return;
    }
    for (const std::int64_t id : asked_.ids[i]) {
      World made = world;
      if (made.find(id)) continue;
      (operation.found_reservation() ? made.looking_up : made.answered) |= 1U << i;
      made.available -= in.quantity;
      ++made.version;
      const Hold hold{.id = id,
                      .user_id = in.user_id,
                      .tickets = in.quantity,
                      .request_id = request_id,
                      .made_call_ns = operation.call_ns,
                      .made_return_ns = operation.return_ns,
                      .version = made.version};
      const bool told = operation.made_reservation();
      if (told && !(is_told(operation, hold) && has_numbers(operation, made))) continue;
      made.add(hold);
      next_.push_back(std::move(made));
    }
  }

  /// Lenient: a request makes one reservation, but without rows H6 lets every reserve that got no
  /// reply have made one of its own, also where the same request was sent before.
  bool may_reserve_again(const Operation& operation) const {
    return unseen_ && operation.type == EntryType::info;
  }

  bool answers(const Operation& operation, World& world) const {
    if (operation.type == EntryType::fail) return refuses(operation, world);
    if (operation.f == Function::read) return has_numbers(operation, world);
    Hold* hold = own(operation, world);
    if (!hold) hold = of_before_the_run(operation, world);
    if (!hold || hold->status != reserved) return false;
    if (operation.f == Function::purchase) {
      if (!is_active(*hold, operation, world) && !may_purchase_late(operation, *hold)) return false;
      hold->status = purchased;
      return is_told(operation, *hold);
    }
    ++world.version;
    close(*hold, cancelled, world);
    return is_told(operation, *hold) && has_numbers(operation, world);
  }

  /// Lenient: without rows, a purchase that got no reply only has to be sent in time. What was seen
  /// before it may show that it came too late. But the search takes what only looks as early as it
  /// fits, so that such a bound would accuse correct runs (docs/decisions/0039).
  bool may_purchase_late(const Operation& purchase, const Hold& hold) const {
    return unseen_ && purchase.type == EntryType::info &&
           purchase.call_ns <= asked_.ends_until_ns(hold);
  }

  /// The user's, that the operation names. Null: there is none, or it is another user's, which to
  /// this one is the same.
  static Hold* own(const Operation& operation, World& world) {
    Hold* hold = world.find(operation.reservation().value_or(Operation::k_absent));
    return hold && hold->user_id == operation.in().user_id ? hold : nullptr;
  }

  /// Lenient: X7 does not ask who ended a hold of before the run, and X4 only that somebody tried:
  /// a stranger who got no reply will do.
  Hold* of_before_the_run(const Operation& operation, World& world) const {
    if (!asked_.lenient || operation.type != EntryType::info) return nullptr;
    Hold* hold = world.find(operation.in().reservation_id);
    return hold && hold->made_call_ns == k_ever_ns ? hold : nullptr;
  }

  /// What a reply says of a reservation is so.
  static bool is_told(const Operation& operation, const Hold& hold) {
    const Output& out = operation.out();
    return out.reservation_id.value_or(hold.id) == hold.id &&
           out.user_id.value_or(hold.user_id) == hold.user_id &&
           out.quantity.value_or(hold.tickets) == hold.tickets &&
           out.status.value_or(hold.status) == hold.status;
  }

  bool has_numbers(const Operation& operation, const World& world) const {
    const bool counted = asked_.header.versions;
    return operation.available().value_or(world.available) == world.available &&
           (!counted || operation.version().value_or(world.version) == world.version);
  }

  bool refuses(const Operation& refusal, World& world) const {
    if (!has_numbers(refusal, world)) return false;
    const bool not_found = refusal.completion->error.http == 404;
    if (refusal.f == Function::reserve || refusal.f == Function::read) {
      return !not_found && (!refusal.sold_out || is_sold_out(refusal, world));
    }
    Hold* hold = own(refusal, world);
    if (not_found) return !hold;
    return !refusal.says_it_is_over() || (hold && is_over(refusal, *hold, world));
  }

  /// Nor has the user an active hold, which would have been found.
  bool is_sold_out(const Operation& refusal, World& world) const {
    if (world.available >= refusal.in().quantity) return false;
    if (!asked_.header.one_hold_per_user) return true;
    for (Hold& hold : world.holds) {
      if (hold.user_id != refusal.in().user_id || hold.status != reserved) continue;
      if (asked_.lenient && is_plainly_active(hold, refusal)) return false;
      if (asked_.lenient) continue;
      wait_for_end_of(hold, world);
      say_that_it_is_over(hold, refusal);
    }
    return true;
  }

  /// Lenient: H3 sees a hold only where it was acknowledged before the refused reserve was sent and
  /// nobody had tried to end it by its return, whatever versions or rows say of the order.
  bool is_plainly_active(const Hold& hold, const Operation& refusal) const {
    bool acknowledged = false;
    for (const Operation& operation : asked_.operations) {
      if (operation.reservation() != hold.id) continue;
      const bool ends = operation.f != Function::reserve && operation.type != EntryType::fail;
      if (ends && operation.call_ns <= refusal.return_ns) return false;
      acknowledged |= operation.made_reservation() && operation.return_ns < refusal.call_ns;
    }
    return acknowledged && refusal.return_ns < asked_.ends_from_ns(hold);
  }

  bool is_over(const Operation& refusal, Hold& hold, World& world) const {
    const std::string& code = refusal.code();
    if (code == "already_purchased") return hold.status == purchased;
    if (code == "already_cancelled") return hold.status == cancelled;
    if (code == "not_cancellable") {
      if (hold.status != reserved) return true;
      // Lenient: other servers do not cancel a hold whose time is over, met by a sweep or not.
      if (!asked_.lenient) return false;
    } else {
      if (hold.status == expired) return true;
      // Lenient: other servers call expired what ended otherwise, once it would have expired;
      // without rows nobody asks whether it would.
      if (hold.status != reserved && (unseen_ || !asked_.lenient)) return unseen_;
      // Lenient: H4 asks only of this refusal, and not of not_cancellable, that nobody finds the
      // hold active after it.
      say_that_it_is_over(hold, refusal);
    }
    // Lenient: without rows it may have ended unseen, at any time, so that H6 asks only whether the
    // refusal came after the hold's time, and does not place it there.
    if (unseen_) return asked_.ends_from_ns(hold) <= refusal.return_ns;
    wait_for_end_of(hold, world);
    return true;
  }

  /// Lenient: H4 sees only who asked for it after that refusal had returned, whatever the numbers
  /// say of the order.
  void say_that_it_is_over(Hold& hold, const Operation& refusal) const {
    hold.over_ns = std::min(hold.over_ns, asked_.lenient ? refusal.return_ns : k_ever_ns);
  }

  bool is_active(const Hold& hold, const Operation& operation, const World& world) const {
    return hold.status == reserved && world.now_ns <= asked_.ends_until_ns(hold) &&
           operation.call_ns <= hold.over_ns;
  }

  void wait_for_end_of(const Hold& hold, World& world) const {
    world.now_ns = std::max(world.now_ns, asked_.ends_from_ns(hold));
  }

  /// At the version that the world has.
  static void close(Hold& hold, ReservationStatus how, World& world) {
    hold.status = how;
    hold.closed_version = world.version;
    world.available += hold.tickets;
  }

  const Question& asked_;
  const bool unseen_;  ///< lenient, and without rows: what nobody saw may have happened
  std::vector<World>& next_;
};

}  // namespace

std::vector<World> steps_from(const Question& question, const World& world,
                              std::int64_t deadline_ns) {
  std::vector<World> next;
  Rules rules(question, next);
  for (std::size_t i = 0; i < question.operations.size(); ++i) {
    const bool called = question.operations[i].call_ns <= deadline_ns;
    if (called && !world.has_answered(i)) rules.add_operation(i, world);
  }
  rules.add_purchases_of_before(world);
  rules.add_sweeps(world, deadline_ns);
  return next;
}

}  // namespace boxoffice::properties::specification
