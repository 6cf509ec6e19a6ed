#include "server/rest/http_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace auscult::rest {
namespace {

namespace net = boost::asio;

// In one go, before others have their turn; records of TLS hold 16 KB.
constexpr size_t kWriteBytes = 128 << 10;

int SocketOf(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

bool IsWaiting() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int Receive(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = recv(SocketOf(bio), bytes, static_cast<size_t>(size), 0);
  if (got < 0 && IsWaiting()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int Send(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(SocketOf(bio), bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && IsWaiting()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long Control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

// OpenSSL's own BIO of a socket would raise SIGPIPE where the client has left.
BIO_METHOD* SilentSocket() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "silent socket");
    BIO_meth_set_read(made, &Receive);
    BIO_meth_set_write(made, &Send);
    BIO_meth_set_ctrl(made, &Control);
    return made;
  }();
  return method;
}

SSL* MakeSsl(SSL_CTX* context, int socket) {
  if (context == nullptr) return nullptr;
  SSL* const ssl = SSL_new(context);
  BIO* const bio = BIO_new(SilentSocket());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_accept_state(ssl);
  return ssl;
}

}  // namespace

HttpStream::HttpStream(Socket socket, SSL_CTX* context)
    : socket_(std::move(socket)), ssl_(MakeSsl(context, socket_.native_handle()), &SSL_free) {}

HttpStream::~HttpStream() = default;

size_t HttpStream::Failed(int result, ErrorCode& error) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wants_ = Socket::wait_read;
      error = net::error::would_block;
      break;
    case SSL_ERROR_WANT_WRITE:
      wants_ = Socket::wait_write;
      error = net::error::would_block;
      break;
    case SSL_ERROR_ZERO_RETURN:
      error = net::error::eof;
      break;
    default:
      error = net::error::connection_aborted;
  }
  return 0;
}

size_t HttpStream::Handshake(ErrorCode& error) {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? 0 : Failed(result, error);
}

size_t HttpStream::Read(const net::mutable_buffer& buffer, ErrorCode& error) {
  ERR_clear_error();
  size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
  return result == 1 ? bytes : Failed(result, error);
}

size_t HttpStream::Write(const net::const_buffer& buffer, ErrorCode& error) {
  const char* const bytes = static_cast<const char*>(buffer.data());
  const size_t wanted = std::min(buffer.size(), kWriteBytes);
  size_t done = 0;
  while (done < wanted) {
    ERR_clear_error();
    size_t more = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes + done, buffer.size() - done, &more);
    if (result != 1) {
      Failed(result, error);
      if (done > 0 && error == net::error::would_block) error = {};
      return done;
    }
    done += more;
  }
  return done;
}

// Of whole records: SSL_has_pending counts also the begin of one, and to look for the rest of that
// again and again would take a core. Nothing is read ahead of a record.
bool HttpStream::HasPending() const { return is_tls() && SSL_pending(ssl_.get()) > 0; }

void HttpStream::ShutDownSending() {
  if (is_tls() && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace auscult::rest
