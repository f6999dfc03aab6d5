// The banner: the verdict, why, what stands beside every figure, and the warnings.
#include <fmt/format.h>

#include "reports/figures.hpp"
#include "reports/html.hpp"
#include "reports/html_text.hpp"

namespace boxoffice::reports {
namespace {

std::string banner_class(const Summary& summary) {
  if (summary.exit_code == 0) return "good";
  return summary.exit_code == 10 || summary.exit_code == 70 ? "bad" : "doubt";
}

std::string list(const std::vector<std::string>& items, std::string_view css_class) {
  if (items.empty()) return "";
  std::string html = fmt::format("<ul class=\"{}\">\n", css_class);
  for (const std::string& item : items) html += fmt::format("<li>{}</li>\n", escaped(item));
  return html + "</ul>\n";
}

std::string fact(std::string_view name, const std::string& value) {
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, escaped(value));
}

std::string facts(const Manifest& manifest) {
  std::string html = "<dl class=\"facts\">\n";
  for (const DatabaseFacts& database : manifest.databases) {
    // Of several, each one's settings stand behind its name.
    const std::string setup = fmt::format(", durability {}, storage {}, {}", database.durability,
                                          database.storage, database.isolation);
    if (manifest.databases.size() > 1) {
      html += fact("database", database_text(database) + setup);
      continue;
    }
    html += fact("database", database_text(database));
    html += fact("durability", database.durability);
    html += fact("storage", database.storage);
    html += fact("isolation", database.isolation);
  }
  html += fact("machine", counted(manifest.host.cores, "core") + ", " + manifest.host.cpu);
  html += fact("rounds", fmt::format("{}", manifest.rounds));
  html += fact("build", manifest.build_type + " " + manifest.version);
  html += fact("commit", manifest.git_commit);
  html += fact("seed", fmt::format("{}", manifest.seed));
  html += fact("started", manifest.started_at);
  return html + "</dl>\n";
}

}  // namespace

std::string verdict_banner(const Page& page) {
  const Summary& summary = page.summary;
  std::string html = fmt::format(
      "<header class=\"banner {}\">\n<p class=\"run\">Box Office &middot; {} &middot; {}</p>\n"
      "<h1>{}</h1>\n<p class=\"sentence\">{}</p>\n",
      banner_class(summary), escaped(page.run.manifest.command), escaped(page.run.manifest.run_id),
      escaped(headline_word(summary)), escaped(headline_sentence(summary)));
  html += list(summary.reasons, "reasons") +
          list(caught_controls(summary, page.databases.size() > 1), "controls");
  if (const std::string why = indicative_sentence(page.run, summary); !why.empty())
    html += fmt::format("<p class=\"note\">Indicative: {}.</p>\n", escaped(why));
  if (!summary.not_attempted.empty()) {
    html += "<p class=\"note\">Not attempted:</p>\n" + list(summary.not_attempted, "not-attempted");
  }
  html += facts(page.run.manifest) + "</header>\n";
  if (!summary.warnings.empty()) {
    html += "<aside class=\"warnings\" aria-label=\"Warnings\">\n<h2>Warnings</h2>\n" +
            list(summary.warnings, "") + "</aside>\n";
  }
  return html;
}

}  // namespace boxoffice::reports
