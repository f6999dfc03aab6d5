// See search_probe.hpp.
#include "harness/commands/search_probe.hpp"

#include <fmt/format.h>

namespace boxoffice::harness {

namespace {

using load::Outcome;

/// With more of its replies than this being a hold that was there already, a load does not sell.
constexpr double k_existing_share_max = 0.01;

// The 200 of one's own hold costs the server less than a sale: of a load that reserves it means
// that the users have all they may have. Repeated requests get it too, and are meant to.
std::string why_no_sales(const load::Mix& mix, const load::LoadResult& result) {
  const std::uint64_t replies = result.outcomes.total();
  if (mix.reserve <= 0 || replies == 0) return {};
  const double share =
      static_cast<double>(result.outcomes[Outcome::existing]) / static_cast<double>(replies);
  if (share <= k_existing_share_max + mix.repeat / mix.sum()) return {};
  return fmt::format(
      "{:.1f}% of the replies were holds that the users had already, so that this is no rate of "
      "sales: more users, or ones that do not stay",
      100 * share);
}

}  // namespace

void judge_figures(const ProbeTerms& terms, const load::LoadResult& result, Probe& probe) {
  const auto ends = [&probe](ProbeEnd end, std::string why) {
    probe.end = end;
    probe.why = std::move(why);
  };
  // First: a run that ends with its last ticket may end before anything was measured.
  if (result.outcomes[Outcome::sold_out] > 0 || result.time_to_sell_out_s)
    return ends(ProbeEnd::tickets_ran_out, "the events sold out: a search needs tickets for all");
  if (!result.figure_valid) return ends(ProbeEnd::generator_limited, result.figure_why);
  if (result.started == 0 || !result.unsent_why().empty())
    return ends(ProbeEnd::missed,
                fmt::format("{} requests found no free connection", result.unsent));
  if (std::string why = why_no_sales(terms.mix, result); !why.empty())
    return ends(ProbeEnd::users_ran_out, std::move(why));
  if (const double failed = failed_share(result, terms.mix); failed > terms.errors)
    return ends(ProbeEnd::missed, fmt::format("{:.3g}% failed or were refused", 100 * failed));
  std::string measured_text;
  for (const Threshold& objective : terms.objectives) {
    const Measured measured = measure(objective, result);
    measured_text += fmt::format("{}{} {}", measured_text.empty() ? "" : ", ", objective.metric,
                                 measured.value == "-" ? "has too few successes" : measured.value);
    if (!measured.held) return ends(ProbeEnd::missed, std::move(measured_text));
  }
  ends(ProbeEnd::met, std::move(measured_text));
}

}  // namespace boxoffice::harness
