// See early_end.hpp.
#include "harness/early_end.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "harness/database/sql.hpp"
#include "harness/failure.hpp"

namespace boxoffice::harness {

namespace {

void note_broken(boost::json::object& manifest, Live& live, const std::string& why) {
  live.complain(fmt::format("boxoffice: {}", why));
  manifest["broke_off"] = why;
}

}  // namespace

void note_early_end(boost::json::object& manifest, RunDirectory& directory, Live& live) {
  try {
    throw;
  } catch (const Interrupted&) {
    manifest["interrupted"] = true;
  } catch (const UsageError& error) {
    if (directory.remove_unmeasured()) throw;
    note_broken(manifest, live, error.what());
  } catch (const EnvironmentBroke& error) {
    note_broken(manifest, live, error.what());
  } catch (const SqlError& error) {
    note_broken(manifest, live, fmt::format("the database: {}", error.what()));
  } catch (const std::filesystem::filesystem_error& error) {
    note_broken(manifest, live,
                fmt::format("{}: {}", error.path1().string(), error.code().message()));
  } catch (const std::exception& error) {
    live.complain(
        fmt::format("boxoffice: a bug of this program, please report it: {}", error.what()));
    manifest["harness_error"] = error.what();
  }
}

int code_without_report(const boost::json::object& manifest) {
  if (manifest.contains("harness_error")) return k_exit_internal;
  return manifest.contains("broke_off") ? k_exit_invalid : k_exit_interrupted;
}

}  // namespace boxoffice::harness
