// See scenario_settings.hpp.
#include "harness/scenario_settings.hpp"

#include <fmt/format.h>

#include "harness/stages.hpp"

namespace boxoffice::harness {

namespace {

std::string mix_text(const load::Mix& mix) {
  std::string text;
  const auto add = [&text](const char* name, double weight) {
    if (weight > 0) text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ", name, weight);
  };
  add("reserve", mix.reserve);
  add("purchase", mix.purchase);
  add("cancel", mix.cancel);
  add("read", mix.read);
  add("stranger", mix.stranger);
  add("repeat", mix.repeat);
  return text;
}

std::string skew_text(const load::Skew& skew) {
  if (skew.kind == load::SkewKind::zipf) return fmt::format("zipf, theta {:g}", skew.theta);
  if (skew.kind == load::SkewKind::hot)
    return fmt::format("hot, {:g} to the first {}", skew.hot_share, skew.hot_events);
  return "uniform";
}

std::string choice_text(load::UserChoice choice) {
  if (choice == load::UserChoice::one_reserve_per_user) return "one_reserve_per_user";
  return choice == load::UserChoice::stay ? "stay" : "leave";
}

std::string stages_text(const std::vector<load::Stage>& stages) {
  std::string text;
  for (const load::Stage& stage : stages) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", rate_text(stage),
                        duration_text(std::chrono::duration_cast<Duration>(stage.duration)));
  }
  return text;
}

}  // namespace

boost::json::object settings_of(const Scenario& scenario) {
  return {{"events", std::to_string(scenario.events)},
          {"tickets", std::to_string(scenario.tickets)},
          {"users", std::to_string(scenario.users)},
          {"mix", mix_text(scenario.mix)},
          {"skew", skew_text(scenario.skew)},
          {"user_choice", choice_text(scenario.user_choice)},
          {"quantity_max", std::to_string(scenario.quantity_max)},
          {"think", duration_text(scenario.think)},
          {"stages", stages_text(scenario.stages)},
          {"sweep_interval", duration_text(scenario.sweep_interval)}};
}

}  // namespace boxoffice::harness
