// What the server thinks of its database, from the answers to a question.
#include "server/health.hpp"

#include <gtest/gtest.h>

#include <semaphore>
#include <stdexcept>

namespace boxoffice::server {
namespace {

// Such as ConfigurationError, where the database that came back is of a version too old.
TEST(Health, AQuestionThatThrowsHasNoForAnAnswer) {
  std::counting_semaphore<> asked{0};
  std::atomic<bool> throws = true;
  Health health([&] {
    asked.release();
    if (throws) throw std::runtime_error("PostgreSQL 9.6 is not supported");
    return true;
  });
  health.start();
  for (int i = 0; i < 2; ++i) asked.acquire();  // before the second question the first was judged
  EXPECT_TRUE(health.away());
  EXPECT_FALSE(health.well());
  throws = false;
  for (int i = 0; i < 3; ++i) asked.acquire();  // one may have begun before
  EXPECT_FALSE(health.away());
  EXPECT_TRUE(health.well());
  health.stop();
}

}  // namespace
}  // namespace boxoffice::server
