// Every file of the corpora through its fuzz target once, in every build: what a fuzzer found stays
// found where there is no clang. A target aborts where something does not hold, which ends its test
// case and no other (each is a process of its own under ctest).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

// The targets, each under its own name instead of libFuzzer's (CMakeLists.txt).
extern "C" {
int fuzz_history(const std::uint8_t* data, std::size_t size);
int fuzz_audit(const std::uint8_t* data, std::size_t size);
int fuzz_verdict(const std::uint8_t* data, std::size_t size);
int fuzz_request(const std::uint8_t* data, std::size_t size);
int fuzz_input(const std::uint8_t* data, std::size_t size);
int fuzz_configuration(const std::uint8_t* data, std::size_t size);
int fuzz_adapter(const std::uint8_t* data, std::size_t size);
}

namespace boxoffice::tests {
namespace {

namespace fs = std::filesystem;

struct Target {
  const char* name;
  int (*run)(const std::uint8_t*, std::size_t);
};
constexpr Target k_targets[] = {{"history", fuzz_history}, {"audit", fuzz_audit},
                                {"verdict", fuzz_verdict}, {"request", fuzz_request},
                                {"input", fuzz_input},     {"configuration", fuzz_configuration},
                                {"adapter", fuzz_adapter}};

std::vector<fs::path> corpus_of(const std::string& target) {
  const fs::directory_iterator files(fs::path(BOXOFFICE_CORPUS) / target);
  std::vector<fs::path> found;
  for (const auto& file : files) found.push_back(file.path());
  std::ranges::sort(found);
  return found;
}

struct Seed {
  Target target;
  fs::path file;
};

void PrintTo(const Seed& seed, std::ostream* out) {
  *out << seed.target.name << '/' << seed.file.filename().string();
}

std::vector<Seed> seeds() {
  std::vector<Seed> all;
  for (const Target& target : k_targets) {
    for (const fs::path& file : corpus_of(target.name)) all.push_back({target, file});
  }
  return all;
}

class Corpus : public ::testing::TestWithParam<Seed> {};

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, ::testing::ValuesIn(seeds()), [](const auto& test) {
  std::string name = std::string(test.param.target.name) + "_" + test.param.file.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST_P(Corpus, IsTaken) {
  const auto& [target, file] = GetParam();
  std::ifstream in(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  ASSERT_FALSE(bytes.empty()) << file;
  EXPECT_EQ(0, target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

TEST(Corpora, HaveOneForEachTarget) {
  std::vector<std::string> folders, targets;
  for (const auto& folder : fs::directory_iterator(BOXOFFICE_CORPUS)) {
    folders.push_back(folder.path().filename());
    EXPECT_FALSE(corpus_of(folders.back()).empty()) << folders.back();
  }
  for (const Target& target : k_targets) targets.emplace_back(target.name);
  std::ranges::sort(folders);
  std::ranges::sort(targets);
  EXPECT_EQ(targets, folders);
}

TEST(Corpora, NothingIsTakenToo) {
  for (const Target& target : k_targets) EXPECT_EQ(0, target.run(nullptr, 0)) << target.name;
}

}  // namespace
}  // namespace boxoffice::tests
