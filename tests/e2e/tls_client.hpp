// An HTTPS client that checks authority and address, with a say in what it offers at the handshake.
// Bytes as they are, as RawClient sends them.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "tests/e2e/contract.hpp"
#include "tests/e2e/running_server.hpp"

namespace boxoffice::tests {

struct Offer {
  int version_max = TLS1_3_VERSION;
  std::string ciphers = "DEFAULT";  ///< of TLS 1.2 and before
  std::string protocols = std::string("\x02h2\x08http/1.1", 12);
};

/// Shakes hands when it is made.
class TlsClient {
 public:
  TlsClient(std::uint16_t port, const std::filesystem::path& authority, const Offer& offer = {})
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        ssl_(nullptr, SSL_free),
        socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), offer.version_max);
    SSL_CTX_set_cipher_list(context_.get(), offer.ciphers.c_str());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_load_verify_locations(context_.get(), authority.c_str(), nullptr);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offer.protocols.data()),
                        static_cast<unsigned>(offer.protocols.size()));
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), "127.0.0.1");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const bool there =
        ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    SSL_set_fd(ssl_.get(), socket_);
    done_ = there && SSL_connect(ssl_.get()) == 1;
    if (!done_) ERR_clear_error();
  }
  ~TlsClient() { ::close(socket_); }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  bool done() const { return done_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }
  /// The common name of the certificate that the server has shown.
  std::string certificate() const {
    char name[64] = "";
    if (X509* shown = SSL_get0_peer_certificate(ssl_.get()))
      X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    return name;
  }
  void send(const std::string& bytes) {
    EXPECT_EQ(static_cast<int>(bytes.size()),
              SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())));
  }
  Reply ask(const std::string& method, const std::string& path, const std::string& more = "",
            const std::string& body = "") {
    send(fmt::format("{} {} HTTP/1.1\r\nHost: x\r\n{}Content-Length: {}\r\n\r\n{}", method, path,
                     more, body.size(), body));
    Reply reply = read_reply();
    EXPECT_EQ("", breach_of_contract(method, path, reply));
    return reply;
  }
  Reply read_reply() {
    Reply reply;
    std::size_t head = 0;
    while ((head = in_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return reply;
    }
    std::istringstream lines(in_.substr(0, head));
    std::string line, version;
    lines >> version >> reply.raw.status;
    std::getline(lines, line);
    while (std::getline(lines, line)) take_header(reply.raw, line);
    const std::size_t size = std::stoul(reply.header("content-length"));
    while (in_.size() < head + 4 + size) {
      if (!fill()) return reply;
    }
    reply.raw.body = in_.substr(head + 4, size);
    in_.erase(0, head + 4 + size);
    boost::system::error_code error;
    reply.body = boost::json::parse(reply.raw.body, error);
    return reply;
  }
  /// True where the server has said that it ends, rather than just gone.
  bool is_told_the_end() {
    char byte = 0;
    const int result = SSL_read(ssl_.get(), &byte, 1);
    const bool told = SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN;
    ERR_clear_error();
    return told;
  }

 private:
  static void take_header(RawReply& reply, std::string line) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto colon = line.find(": ");
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    reply.headers[name] = line.substr(colon + 2);
  }
  bool fill() {
    char bytes[4096];
    const int count = SSL_read(ssl_.get(), bytes, sizeof bytes);
    if (count > 0) in_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  int socket_;
  bool done_ = false;
  std::string in_;
};

}  // namespace boxoffice::tests
