#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace auscult::server {

// An HTTP server of a few pages on a free port of this machine.
class SmallHttp {
 public:
  SmallHttp() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~SmallHttp() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  // What a GET of the path answers from now on: a head of lines, each with its end, and a body.
  void Put(const std::string& path, const std::string& body,
           const std::string& head = "HTTP/1.1 200 OK\r\n") {
    const std::lock_guard lock(mutex_);
    pages_[path] = head + "Content-Length: " + std::to_string(body.size()) +
                   "\r\nConnection: close\r\n\r\n" + body;
  }
  // Answered so far.
  int count() const { return count_; }

 private:
  void Serve() {
    for (;;) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      std::string request(4096, '\0');
      const ssize_t read = recv(client, request.data(), request.size(), 0);
      request.resize(read > 0 ? static_cast<size_t>(read) : 0);
      const size_t begin = request.find(' ') + 1;
      const std::string path = request.substr(begin, request.find(' ', begin) - begin);
      std::string answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
      {
        const std::lock_guard lock(mutex_);
        if (const auto page = pages_.find(path); page != pages_.end()) answer = page->second;
      }
      ++count_;
      send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      shutdown(client, SHUT_WR);
      close(client);
    }
  }

  int listener_ = -1, port_ = 0;
  std::mutex mutex_;
  std::map<std::string, std::string> pages_;
  std::atomic<int> count_{0};
  std::thread thread_;
};

}  // namespace auscult::server
