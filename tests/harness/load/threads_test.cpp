// A machine that does not give a load all of its threads: those that are there end, and it is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "recorded.hpp"

namespace boxoffice::load {
namespace {

/// Room for about two stacks of the size that threads have by default from here on.
class LittleRoomForThreads {
 public:
  LittleRoomForThreads() {
    constexpr std::size_t k_stack_bytes = std::size_t{512} << 20;
    pthread_attr_t large;
    pthread_getattr_default_np(&usual_);
    pthread_attr_init(&large);
    pthread_attr_setstacksize(&large, k_stack_bytes);
    pthread_setattr_default_np(&large);
    pthread_attr_destroy(&large);
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    getrlimit(RLIMIT_AS, &limit_);
    rlimit tight = limit_;
    tight.rlim_cur = pages * static_cast<std::size_t>(getpagesize()) + k_stack_bytes * 5 / 2;
    setrlimit(RLIMIT_AS, &tight);
  }
  ~LittleRoomForThreads() {
    setrlimit(RLIMIT_AS, &limit_);
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }

 private:
  pthread_attr_t usual_{};
  rlimit limit_{};
};

TEST(LoadRun, ThreadsThatCannotBeStartedAreSaid) {
  LoadPlan plan = small_plan("http://127.0.0.1:1", 8);
  plan.threads = 8;
  std::string said;
  {
    const LittleRoomForThreads little;
    try {
      run_load(plan);
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
  }
  EXPECT_THAT(said, ::testing::HasSubstr("load: of 8 threads "));
}

}  // namespace
}  // namespace boxoffice::load
