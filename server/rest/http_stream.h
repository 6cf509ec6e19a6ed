#pragma once

#include <openssl/types.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <utility>

#include "server/rest/http_deadline.h"

namespace auscult::rest {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Strand>;

// The bytes of a connection, within TLS or as they are: the AsyncReadStream and AsyncWriteStream of
// Beast. OpenSSL works on the socket itself, so that a connection that waits holds no buffers
// (asio::ssl::stream would hold 68 KB). At most one read and one write at a time, all on the
// strand; the stream outlives them.
class HttpStream {
 public:
  using executor_type = Strand;
  using ErrorCode = boost::system::error_code;

  // `context` null: no TLS. The socket does not block.
  HttpStream(Socket socket, SSL_CTX* context);
  ~HttpStream();
  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  bool is_tls() const { return ssl_ != nullptr; }

  // Of TLS only: handler(ErrorCode).
  template <typename Handler>
  void async_handshake(Handler handler) {
    Drive(
        [this](ErrorCode& error) { return Handshake(error); },
        [handler = std::move(handler)](const ErrorCode& error, size_t) mutable { handler(error); });
  }

  // handler(ErrorCode) when there may be bytes to read.
  template <typename Handler>
  void async_wait_readable(Handler handler) {
    if (!HasPending()) return socket_.async_wait(Socket::wait_read, std::move(handler));
    boost::asio::post(get_executor(),
                      [handler = std::move(handler)]() mutable { handler(ErrorCode()); });
  }

  // What is there; would_block where that is nothing.
  size_t read_some(const boost::asio::mutable_buffer& buffer, ErrorCode& error) {
    return is_tls() ? Read(buffer, error) : socket_.read_some(buffer, error);
  }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (!is_tls()) return socket_.async_read_some(buffers, std::forward<Handler>(handler));
    Drive([this, buffer = First<boost::asio::mutable_buffer>(buffers)](
              ErrorCode& error) { return Read(buffer, error); },
          std::forward<Handler>(handler));
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (!is_tls()) return socket_.async_write_some(buffers, std::forward<Handler>(handler));
    Drive([this, buffer = First<boost::asio::const_buffer>(buffers)](
              ErrorCode& error) { return Write(buffer, error); },
          std::forward<Handler>(handler));
  }

  // Says that nothing more is sent.
  void ShutDownSending();

 private:
  // Each does what it can without waiting: would_block, with `wants_`, where that is nothing.
  size_t Handshake(ErrorCode& error);
  size_t Read(const boost::asio::mutable_buffer& buffer, ErrorCode& error);
  size_t Write(const boost::asio::const_buffer& buffer, ErrorCode& error);
  size_t Failed(int result, ErrorCode& error);
  bool HasPending() const;

  template <typename Buffer, typename Buffers>
  static Buffer First(const Buffers& buffers) {
    const auto end = boost::asio::buffer_sequence_end(buffers);
    for (auto at = boost::asio::buffer_sequence_begin(buffers); at != end; ++at) {
      if (Buffer(*at).size() > 0) return Buffer(*at);
    }
    return {};
  }

  template <typename Step, typename Handler>
  void Drive(Step step, Handler&& handler) {
    ErrorCode error;
    const size_t bytes = step(error);
    if (error == boost::asio::error::would_block) {
      return Await(std::move(step), std::forward<Handler>(handler));
    }
    boost::asio::post(get_executor(), [handler = std::forward<Handler>(handler), error,
                                       bytes]() mutable { handler(error, bytes); });
  }

  template <typename Step, typename Handler>
  void Await(Step step, Handler&& handler) {
    socket_.async_wait(wants_,
                       [this, step = std::move(step),
                        handler = std::forward<Handler>(handler)](const ErrorCode& failed) mutable {
                         if (failed) return handler(failed, 0);
                         ErrorCode error;
                         const size_t bytes = step(error);
                         if (error == boost::asio::error::would_block)
                           return Await(std::move(step), std::move(handler));
                         handler(error, bytes);
                       });
  }

  Socket socket_;
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  Socket::wait_type wants_ = Socket::wait_read;
};

}  // namespace auscult::rest
