// The gate as text: for eyes, for a pull request, for programs and for a CI server. See gate.hpp.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <tuple>

#include "reports/figures.hpp"
#include "reports/gate.hpp"
#include "reports/json_text.hpp"
#include "reports/junit.hpp"
#include "reports/layout.hpp"
#include "reports/markdown.hpp"

namespace boxoffice::reports {
namespace {

namespace json = boost::json;

std::string change_text(const std::optional<double>& ratio) {
  if (!ratio) return "-";
  if (std::isinf(*ratio)) return "unbounded";
  return fmt::format("{:+.1f}%", 100 * (*ratio - 1));
}

std::string interval_text(const GateRow& row) {
  if (!row.coverage) return counted(static_cast<std::int64_t>(row.rounds), "round") + ": too few";
  if ((row.low && std::isinf(*row.low)) || (!row.low && !row.high)) return "unbounded";
  return fmt::format("{}..{}", row.low ? change_text(row.low) : "unbounded",
                     row.high ? change_text(row.high) : "unbounded");
}

// Said beside every result, for no interval knows of it.
constexpr const char* k_not_interleaved =
    "The runs were not interleaved: what the machine did between them is in every change.";

/// "1,650/s", "12.3 ms".
std::string value_text(const std::optional<Spread>& spread, GateMetric metric) {
  const std::string text = figure_or_dash(spread);
  const bool none = spread && std::isinf(spread->median) && std::isinf(spread->median_above);
  if (!spread || none || metric == GateMetric::attempts) return text;
  if (metric == GateMetric::goodput) return text + "/s";
  return text + (metric == GateMetric::sell_out ? " s" : " ms");
}

std::string headline(const Gate& gate) {
  const int code = gate.exit_code();
  if (code == 0)
    return gate.not_asked.empty()
               ? "HELD: no threshold is broken"
               : "HELD: no threshold is broken, but not everything was asked about";
  if (!gate.no_basis.empty() && code == 12)
    return fmt::format("INVALID: {}: no basis for a comparison", fmt::join(gate.no_basis, "; "));
  if (code == 13) return "WORSE: a threshold is broken";
  if (gate.verdict != properties::Outcome::pass) {
    return fmt::format("{}: the run itself did not pass, its speed is of no use",
                       properties::name_of(gate.verdict));
  }
  const bool lacking = std::ranges::any_of(gate.rows, [](const GateRow& row) {
    return row.state == GateState::undecided && !row.note.empty();
  });
  return lacking
             ? "UNDECIDED: RUN lacks what BASE has, or an interval lies across its threshold"
             : "UNDECIDED: an interval lies across its threshold, or is unbounded (more --rounds)";
}

/// "postgresql rush c=64, optimistic, sell_out<+5%: RUN did not sell out in ..."
std::string note_line(const GateRow& row) {
  return fmt::format("{}, {}, {}: {}", cell_name(row.key), row.variant, row.threshold, row.note);
}

/// "postgresql rush c=64, atomic and optimistic: no threshold is about its goodput"
std::string gap_line(const GateGap& gap) {
  return fmt::format("{}, {}: {}", cell_name(gap.key), fmt::join(gap.variants, " and "), gap.why);
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : cleaned(text)) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::optional<double> median_of(const std::optional<Spread>& spread) {
  return spread ? std::optional(spread->median) : std::nullopt;
}

json::value bounded_or_null(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? json::value(*value) : json::value(nullptr);
}

}  // namespace

std::string cell_name(const CellKey& key) {
  const std::string offered =
      key.offered_per_s ? fmt::format(" R={}", short_figure(*key.offered_per_s)) : std::string();
  const std::string several =
      key.instances == 1 ? std::string() : fmt::format(" on {} instances", key.instances);
  return fmt::format("{} {} c={}{}{}", key.database, key.scenario, key.connections, offered,
                     several);
}

std::string gate_terminal(const Gate& gate, std::size_t columns) {
  std::string text = wrapped(cleaned(headline(gate)), columns, 2) + "\n";
  for (const auto& [name, directory, conditions] :
       {std::tuple("base", gate.base, gate.base_conditions),
        std::tuple("run ", gate.run, gate.run_conditions)}) {
    text += fmt::format("  {} {}\n", name, directory);
    text += wrapped("       " + cleaned(conditions), columns, 7) + "\n";
  }
  std::string cell;
  Table table({false, false, true, true, true, false, false});
  table.add({"variant", "threshold", "base", "run", "change", "interval", ""});
  for (const GateRow& row : gate.rows) {
    if (cell != cell_name(row.key)) table.add({cell = cell_name(row.key)});
    table.add({"  " + cleaned(row.variant), row.threshold, value_text(row.base, row.metric),
               value_text(row.run, row.metric), change_text(row.ratio), interval_text(row),
               std::string(state_name(row.state))});
  }
  text += table.text(columns, 0);
  for (const GateRow& row : gate.rows) {
    if (row.note.empty()) continue;
    text +=
        wrapped(fmt::format("{}: {}", state_name(row.state), cleaned(note_line(row))), columns, 2) +
        "\n";
  }
  for (const GateGap& gap : gate.not_asked)
    text += wrapped("not asked: " + cleaned(gap_line(gap)), columns, 2) + "\n";
  for (const std::string& warning : gate.warnings)
    text += wrapped("warning: " + cleaned(warning), columns, 9) + "\n";
  return text + wrapped(k_not_interleaved, columns, 2) + "\n";
}

std::string gate_json(const Gate& gate) {
  json::array rows;
  for (const GateRow& row : gate.rows) {
    rows.push_back({{"database", row.key.database},
                    {"scenario", row.key.scenario},
                    {"connections", row.key.connections},
                    {"instances", row.key.instances},
                    {"offered_per_s", or_null(row.key.offered_per_s)},
                    {"variant", row.variant},
                    {"threshold", row.threshold},
                    {"base", bounded_or_null(median_of(row.base))},
                    {"run", bounded_or_null(median_of(row.run))},
                    {"ratio", bounded_or_null(row.ratio)},
                    {"low", bounded_or_null(row.low)},
                    {"high", bounded_or_null(row.high)},
                    {"coverage", or_null(row.coverage)},
                    {"rounds", row.rounds},
                    {"base_rounds", row.base_rounds},
                    {"lost", row.lost},
                    {"missing", row.missing},
                    {"note", row.note},
                    {"state", state_name(row.state)}});
  }
  json::array gaps;
  for (const GateGap& gap : gate.not_asked) {
    gaps.push_back({{"database", gap.key.database},
                    {"scenario", gap.key.scenario},
                    {"connections", gap.key.connections},
                    {"instances", gap.key.instances},
                    {"offered_per_s", or_null(gap.key.offered_per_s)},
                    {"variants", json::array(gap.variants.begin(), gap.variants.end())},
                    {"why", gap.why}});
  }
  return json_text(
      json::object{{"schema", "boxoffice.diff/1"},
                   {"base", gate.base},
                   {"run", gate.run},
                   {"base_conditions", gate.base_conditions},
                   {"run_conditions", gate.run_conditions},
                   {"verdict", properties::name_of(gate.verdict)},
                   {"exit_code", gate.exit_code()},
                   {"no_basis", json::array(gate.no_basis.begin(), gate.no_basis.end())},
                   {"warnings", json::array(gate.warnings.begin(), gate.warnings.end())},
                   {"rows", std::move(rows)},
                   {"not_asked", std::move(gaps)}});
}

std::string gate_csv(const Gate& gate) {
  std::string text =
      "database,scenario,connections,variant,threshold,base,run,ratio,low,high,rounds,state,"
      "instances,base_rounds,lost,missing,note,offered_per_s\n";
  const auto number = [](const std::optional<double>& value) {
    return value && std::isfinite(*value) ? fmt::format("{:.6g}", *value) : std::string();
  };
  for (const GateRow& row : gate.rows) {
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", quoted(row.key.database),
        quoted(row.key.scenario), row.key.connections, quoted(row.variant), quoted(row.threshold),
        number(median_of(row.base)), number(median_of(row.run)), number(row.ratio), number(row.low),
        number(row.high), row.rounds, state_name(row.state), row.key.instances, row.base_rounds,
        row.lost, row.missing, quoted(row.note), number(row.key.offered_per_s));
  }
  for (const GateGap& gap : gate.not_asked) {
    for (const std::string& variant : gap.variants)
      text += fmt::format("{},{},{},{},,,,,,,,not_asked,{},,,,{},{}\n", quoted(gap.key.database),
                          quoted(gap.key.scenario), gap.key.connections, quoted(variant),
                          gap.key.instances, quoted(gap.why), number(gap.key.offered_per_s));
  }
  return text;
}

std::string gate_markdown(const Gate& gate) {
  std::string text = fmt::format("**{}**\n\n", markdown_text(headline(gate)));
  text += fmt::format("- base: {}\n- run: {}\n\n", markdown_text(gate.base_conditions),
                      markdown_text(gate.run_conditions));
  MarkdownTable table({"cell", "variant", "threshold", "base", "run", "change", "interval", ""},
                      {false, false, false, true, true, true, false, false});
  for (const GateRow& row : gate.rows) {
    table.add({markdown_text(cell_name(row.key)), markdown_text(row.variant),
               markdown_text(row.threshold), value_text(row.base, row.metric),
               value_text(row.run, row.metric), change_text(row.ratio), interval_text(row),
               std::string(state_name(row.state))});
  }
  text += table.text();
  for (const GateRow& row : gate.rows) {
    if (!row.note.empty())
      text += fmt::format("\n**{}**: {}\n", state_name(row.state), markdown_text(note_line(row)));
  }
  for (const GateGap& gap : gate.not_asked)
    text += fmt::format("\nNot asked: {}\n", markdown_text(gap_line(gap)));
  for (const std::string& warning : gate.warnings)
    text += fmt::format("\nWarning: {}\n", markdown_text(warning));
  return text + fmt::format("\n{}\n", k_not_interleaved);
}

std::string gate_junit(const Gate& gate) {
  const auto count = [&gate](GateState state) {
    return std::ranges::count(gate.rows, state, &GateRow::state);
  };
  std::size_t skipped = 0;
  for (const GateGap& gap : gate.not_asked) skipped += gap.variants.size();
  const auto error = [](const std::string& message) {
    return message.empty() ? "" : fmt::format("<error message=\"{}\"/>", xml_text(message));
  };
  const bool passed = gate.verdict == properties::Outcome::pass;
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"boxoffice diff\" tests=\"{}\" "
      "failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
      gate.rows.size() + skipped + 2, count(GateState::worse),
      count(GateState::undecided) + (passed ? 0 : 1) + (gate.no_basis.empty() ? 0 : 1), skipped);
  const auto test_case = [&text](const std::string& of, const std::string& name,
                                 const std::string& result) {
    text += fmt::format("  <testcase classname=\"{}\" name=\"{}\">{}</testcase>\n", xml_text(of),
                        xml_text(name), result);
  };
  test_case("run", "verdict", error(passed ? "" : std::string(properties::name_of(gate.verdict))));
  test_case("run", "basis", error(fmt::format("{}", fmt::join(gate.no_basis, "; "))));
  for (const GateRow& row : gate.rows) {
    const std::string note = row.note.empty() ? "" : ": " + row.note;
    const std::string what = fmt::format("{}: {}, {} pairs{}", change_text(row.ratio),
                                         interval_text(row), row.rounds, note);
    test_case(cell_name(row.key), row.variant + " " + row.threshold,
              row.state == GateState::held ? ""
              : row.state == GateState::worse
                  ? fmt::format("<failure message=\"{}\"/>", xml_text(what))
                  : error("undecided, " + what));
  }
  for (const GateGap& gap : gate.not_asked) {
    for (const std::string& variant : gap.variants)
      test_case(cell_name(gap.key), variant,
                fmt::format("<skipped message=\"{}\"/>", xml_text(gap.why)));
  }
  return text + "</testsuite>\n";
}

}  // namespace boxoffice::reports
