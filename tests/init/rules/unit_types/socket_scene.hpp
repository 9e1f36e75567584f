#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "scene.hpp"

namespace notifybridge::unit_types::test {

/// A scene with a.socket, and its service or its template.
class SocketScene : public Scene {
public:
    explicit SocketScene(const std::string& socket, const std::string& unit = "",
                         const std::string& service = "ExecStart=/main\n") {
        const bool accepts = socket.find("Accept=yes") != socket.npos;
        add(accepts ? "a@.service" : "a.service", "[Service]\n" + service, unit);
        add("a.socket", "[Socket]\nListenStream=80\n" + socket);
        socket_ = &get<Socket>("a.socket");
        BOOST_TEST_REQUIRE((socket_->loaded().state == unit::LoadState::loaded));
    }

    Socket& socket() { return *socket_; }
    std::string state() const { return state_of(*socket_); }
    std::string_view result() const { return socket_->result(); }
    void start() { do_job(manager::JobType::start, *socket_); }
    void stop() { do_job(manager::JobType::stop, *socket_); }
    void traffic() {
        socket_->traffic(0);
        engine.run_due();
    }
    void connect(const char* from = "10.0.0.1") {
        world.waiting.push_back({address("127.0.0.1", 80), address(from, 4711), {}});
        traffic();
    }
    std::vector<std::string> instances() const {
        std::vector<std::string> names;
        for (const manager::Unit* const unit : engine.units())
            if (unit->id().starts_with("a@") && manager::is_up(unit->active_state()))
                names.push_back(unit->id());
        return names;
    }

private:
    static sockaddr_storage address(const char* text, std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, text, &address.sin_addr);
        sockaddr_storage storage{};
        std::memcpy(&storage, &address, sizeof address);
        return storage;
    }

    Socket* socket_;
};

}  // namespace notifybridge::unit_types::test
