#include "bridge/send/launch.hpp"

#include <utility>

#include "base/notify/message.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::send {

Launch::Launch()
    : supervisor_(loop_, /*adopt_orphans=*/false),
      readable_(loop_, event::duplicate(receiver_.fd())) {
    supervisor_.on_event = [this](const process::SupervisorEvent& event) {
        const auto* const ended = std::get_if<process::CommandEnded>(&event);
        if (!ended)
            return;
        // Handle the command's last messages before its end.
        take_messages();
        outcome_.end = ended->end;
        loop_.stop();
    };
}

Launch::Outcome Launch::run(std::vector<std::string> command) {
    const system::UniqueFd null = system::open_null();
    process::Command start;
    start.arguments = std::move(command);
    start.environment = process::Environment::inherited();
    start.environment.set("NOTIFY_SOCKET", receiver_.abstract_address());
    start.input = null;
    start.output = null;
    loop_.spawn([this] { return supervisor_.run(); });
    loop_.spawn([this] { return listen(); });
    supervisor_.start(std::move(start));
    outcome_.pid = supervisor_.pid();
    loop_.run();
    return outcome_;
}

event::Awaitable<> Launch::listen() {
    while (!outcome_.ready) {
        // The result must be a variable. Otherwise, GCC 12 compiles a wrong coroutine frame for the
        // loop.
        const bool readable = co_await readable_.readable();
        if (!readable)
            co_return;
        take_messages();
    }
}

void Launch::take_messages() {
    while (!outcome_.ready) {
        notify::Datagram datagram;
        notify::DropReason reason;
        const auto taken = receiver_.receive(datagram, reason);
        if (taken == notify::Receiver::Outcome::nothing)
            return;
        if (taken == notify::Receiver::Outcome::dropped)
            continue;
        if (datagram.sender.pid != outcome_.pid) {
            if (!std::exchange(told_of_foreign_, true) && on_foreign_sender)
                on_foreign_sender(datagram.sender.pid);
            continue;
        }
        const auto message = notify::parse(datagram.text);
        outcome_.ready = message && message->has("READY=1");
    }
    loop_.stop();
}

}  // namespace notifybridge::send
