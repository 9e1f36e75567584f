#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string_view>
#include <thread>

#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"
#include "bridge/probe/probe.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::probe {

/// A socket that listens on the loopback interface. The kernel chooses its port.
class Listener {
public:
    Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto any = *system::SocketAddress::internet("127.0.0.1", 0);
        BOOST_TEST_REQUIRE(::bind(fd_.get(), any.data(), any.size()) == 0);
        BOOST_TEST_REQUIRE(::listen(fd_.get(), 8) == 0);
    }

    system::SocketAddress address() const {
        sockaddr_in bound{};
        socklen_t size = sizeof bound;
        ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&bound), &size);
        return *system::SocketAddress::internet("127.0.0.1", ntohs(bound.sin_port));
    }

    system::Fd fd() const { return fd_; }
    void close() { fd_.reset(); }

private:
    system::UniqueFd fd_;
};

/// One end of a connection, for a server.
class Peer {
public:
    explicit Peer(system::UniqueFd fd) : fd_(std::move(fd)) {}

    /// Reads the header of a request, which ends with an empty line.
    std::string request() const {
        std::string text;
        char byte;
        while (!text.ends_with("\r\n\r\n") && ::recv(fd_.get(), &byte, 1, 0) == 1)
            text += byte;
        return text;
    }

    /// Sends `text`. Returns false if the other end is closed.
    bool say(std::string_view text) const {
        return ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL)
               == static_cast<ssize_t>(text.size());
    }

    void wait_for_close() const {
        char byte;
        while (::recv(fd_.get(), &byte, 1, 0) == 1) {
        }
    }

private:
    system::UniqueFd fd_;
};

/// A server in a thread, which serves connections one after the other.
class Server {
public:
    explicit Server(std::function<void(const Peer&)> serve)
        : thread_([this, serve = std::move(serve)] {
              for (;;) {
                  system::UniqueFd fd(
                      ::accept4(listener_.fd().get(), nullptr, nullptr, SOCK_CLOEXEC));
                  if (!fd)
                      return;
                  const Peer peer(std::move(fd));
                  serve(peer);
              }
          }) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        ::shutdown(listener_.fd().get(), SHUT_RDWR);
        thread_.join();
    }

    system::SocketAddress address() const { return listener_.address(); }

private:
    Listener listener_;
    std::thread thread_;
};

/// Returns the result of one check of `probe`. Also waits for cancelled work, so that the probe may
/// be destroyed before the loop.
inline Finding check(event::Loop& loop, Probe& probe) {
    Finding finding;
    test::run(loop, [&]() -> event::Awaitable<> {
        finding = co_await probe.check();
        for (int turn = 0; turn < 10; ++turn)
            co_await loop.yield();
    });
    return finding;
}

}  // namespace notifybridge::probe
