// Responses as they may come over a connection: in any pieces, and from servers that break rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "harness/load/http_response.hpp"

namespace boxoffice::load {
namespace {

using State = HttpResponse::State;

State add(HttpResponse& response, std::string_view bytes) {
  std::memcpy(response.room(bytes.size()), bytes.data(), bytes.size());
  response.add(bytes.size());
  return response.read();
}

State read_whole(std::string_view bytes) {
  HttpResponse response;
  return add(response, bytes);
}

// However the bytes are cut, the response is the same and complete with its last byte only.
void expect_in_any_pieces(const std::string& bytes, int status, const std::string& body) {
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    HttpResponse response;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      const bool last = at + piece >= bytes.size();
      ASSERT_EQ(add(response, std::string_view(bytes).substr(at, piece)),
                last ? State::complete : State::reading)
          << "pieces of " << piece << " at " << at;
    }
    EXPECT_EQ(response.status(), status);
    EXPECT_EQ(response.body(), body);
    EXPECT_FALSE(response.has_surplus());
  }
}

TEST(HttpResponse, AnAgeSaysThatItIsOfThePastWhateverItsValue) {
  const auto aged = [](const std::string& field) {
    HttpResponse response;
    EXPECT_EQ(add(response, "HTTP/1.1 200 OK\r\n" + field + "Content-Length: 0\r\n\r\n"),
              State::complete);
    return response.aged();
  };
  EXPECT_TRUE(aged("age: 1\r\n"));
  EXPECT_TRUE(aged("Age: 0\r\n"));
  EXPECT_TRUE(aged("Age: soon\r\n"));
  EXPECT_FALSE(aged("Agent: 1\r\n"));
  EXPECT_FALSE(aged(""));
  HttpResponse response;
  EXPECT_EQ(add(response, "HTTP/1.1 200 OK\r\nAge: 1\r\nContent-Length: 0\r\n\r\n"),
            State::complete);
  response.clear();
  EXPECT_FALSE(response.aged()) << "the next one of the connection is its own";
}

TEST(HttpResponse, LengthChunksInterimAndNoBodyInAnyPieces) {
  expect_in_any_pieces("HTTP/1.1 201 Created\r\ncontent-length: 5\r\nX-A: b\r\n\r\nhello", 201,
                       "hello");
  expect_in_any_pieces(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
      200, "abcde");
  expect_in_any_pieces(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: 1\r\n\r\n", 200,
      "a");
  expect_in_any_pieces(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 404 "
      "No\r\nContent-Length: "
      "2\r\n\r\nno",
      404, "no");
  expect_in_any_pieces("HTTP/1.1 204 No Content\r\n\r\n", 204, "");
}

TEST(HttpResponse, WithoutALengthTheBodyLastsUntilTheEnd) {
  HttpResponse response;
  EXPECT_EQ(add(response, "HTTP/1.1 200 OK\r\n\r\nabc"), State::reading);
  EXPECT_EQ(add(response, "def"), State::reading);
  EXPECT_EQ(response.read_end(), State::complete);
  EXPECT_EQ(response.body(), "abcdef");
  EXPECT_FALSE(response.keeps_alive());
}

TEST(HttpResponse, WhatIsCutOffIsNeverComplete) {
  for (const char* bytes :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}) {
    HttpResponse response;
    EXPECT_EQ(add(response, bytes), State::reading) << bytes;
    EXPECT_EQ(response.read_end(), State::reading) << bytes;
  }
}

TEST(HttpResponse, WhatTwoReadersCouldReadDifferentlyIsMalformed) {
  for (const char* bytes :
       {"what?\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3x\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    EXPECT_EQ(read_whole(bytes), State::malformed) << bytes;
  }
}

TEST(HttpResponse, TooMuchIsGivenUp) {
  EXPECT_EQ(read_whole("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"), State::oversized);
  EXPECT_EQ(read_whole("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n"),
            State::oversized);
  HttpResponse endless;
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < 70'000) head += "A: 0123456789\r\n";
  EXPECT_EQ(add(endless, head), State::malformed);
}

TEST(HttpResponse, ConnectionSurplusAndAttempts) {
  HttpResponse response;
  EXPECT_EQ(add(response,
                "HTTP/1.1 200 OK\r\nconnection: Close\r\nx-transaction-attempts: 3\r\n"
                "Content-Length: 1\r\n\r\nab"),
            State::complete);
  EXPECT_FALSE(response.keeps_alive());
  EXPECT_TRUE(response.has_surplus());
  EXPECT_EQ(response.attempts(), 3);
  response.clear();
  EXPECT_EQ(add(response, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), State::complete);
  EXPECT_FALSE(response.keeps_alive());
  EXPECT_EQ(response.attempts(), 0);
}

}  // namespace
}  // namespace boxoffice::load
