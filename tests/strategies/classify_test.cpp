// The two tables of classify.hpp, code by code. That a real server sends them: classify_*_dbtest.
#include "strategies/classify.hpp"

#include <gtest/gtest.h>

#include <odb/mysql/exceptions.hxx>
#include <odb/pgsql/exceptions.hxx>

#include <map>
#include <vector>

namespace boxoffice::tests {

using namespace strategies;

TEST(Classify, EverySqlstateThatIsToldApart) {
  const std::map<ErrorKind, std::vector<const char*>> kinds{
      {ErrorKind::conflict, {"40001"}},
      {ErrorKind::deadlock, {"40P01"}},
      {ErrorKind::lock_timeout, {"55P03"}},
      {ErrorKind::statement_timeout, {"57014"}},
      {ErrorKind::unique_violation, {"23505"}},
      {ErrorKind::check_violation, {"23514"}},
      {ErrorKind::read_only, {"25006"}},
      {ErrorKind::no_space, {"53100"}},
      {ErrorKind::connection_lost,
       {"08000", "08001", "08003", "08004", "08006", "08007", "08P01", "57P01", "57P02", "57P03",
        "25P03", "?????"}},
      {ErrorKind::other, {"", "42601", "25P02", "53200", "57P04", "23503", "XX000"}}};
  for (const auto& [kind, states] : kinds) {
    for (const char* state : states) EXPECT_EQ(kind, kind_of_sqlstate(state)) << state;
  }
}

TEST(Classify, EveryNumberOfMysqlThatIsToldApart) {
  const std::map<ErrorKind, std::vector<unsigned int>> kinds{
      {ErrorKind::conflict, {1020}},
      {ErrorKind::deadlock, {1213}},
      {ErrorKind::lock_timeout, {1205, 3572}},
      {ErrorKind::statement_timeout, {1317, 1969, 3024}},
      {ErrorKind::unique_violation, {1062}},
      {ErrorKind::check_violation, {3819, 4025}},
      {ErrorKind::read_only, {1290, 1792, 1836}},
      {ErrorKind::no_space, {1021, 1114}},
      {ErrorKind::connection_lost,
       {1040, 1047, 1053, 1077, 1158, 1159, 1160, 1161, 1927, 2002, 2003, 2006, 2013, 2014, 2055,
        4031, 5013, 5014}},
      {ErrorKind::other, {0, 1064, 1146, 1452}}};
  for (const auto& [kind, numbers] : kinds) {
    for (const unsigned int number : numbers)
      EXPECT_EQ(kind, kind_of_mysql_error(number)) << number;
  }
}

template <class Error>
std::string code_of_thrown(const Error& error) {
  try {
    throw error;
  } catch (...) {
    return classify_current_exception().code;
  }
}

// Whoever counts failed tries need not know which engine told of it, nor in which of its words.
TEST(Classify, WhatAllEnginesShareHasOneWord) {
  const auto postgresql = [](const char* sqlstate) {
    return code_of_thrown(odb::pgsql::database_exception(sqlstate, "why"));
  };
  const auto mysql = [](unsigned int number) {
    return code_of_thrown(odb::mysql::database_exception(number, "HY000", "why"));
  };
  for (const char* state : {"57P01", "08006", "?????"})
    EXPECT_EQ("connection_lost", postgresql(state));
  for (const unsigned int number : {1047U, 1053U, 1927U, 2055U})
    EXPECT_EQ("connection_lost", mysql(number));
  EXPECT_EQ("read_only", postgresql("25006"));
  EXPECT_EQ("read_only", mysql(1290));
  EXPECT_EQ("no_space", postgresql("53100"));
  EXPECT_EQ("no_space", mysql(1114));
  EXPECT_EQ("conflict", mysql(1020));
  EXPECT_EQ("55P03", postgresql("55P03"));
  EXPECT_EQ("1205", mysql(1205));
}

}  // namespace boxoffice::tests
