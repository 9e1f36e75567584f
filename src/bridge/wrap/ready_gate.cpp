#include "bridge/wrap/ready_gate.hpp"

#include <unistd.h>

#include "base/util/concat.hpp"
#include "base/util/utf8.hpp"

namespace notifybridge::wrap {
namespace {

/// The longest datagram has room for three assignments of this length, even if they are escaped.
constexpr std::size_t longest_assignment = 600;

}  // namespace

void ReadyGate::say(const std::vector<std::string>& assignments) {
    std::string text;
    for (const std::string& assignment : assignments)
        text +=
            util::concat(text.empty() ? "" : "\n",
                         notify::escape_assignment(util::shorten(assignment, longest_assignment)));
    notify::Datagram datagram;
    datagram.text = text;
    datagram.sender = {::getpid(), ::getuid(), ::getgid()};
    if (const auto message = notify::parse(text))
        pass(datagram, *message, system::now());
    sink_.settle();
}

void ReadyGate::take(notify::Datagram& datagram, const notify::Message& message,
                     system::Moment time) {
    const bool says_ready = message.has("READY=1");
    if (!open_ && says_ready && on_ready_said)
        on_ready_said();
    if (open_ || !says_ready)
        pass(datagram, message, time);
    else
        pass_all_but_ready(datagram, message, time);
    if (on_message)
        on_message(message);
}

void ReadyGate::take_barrier(system::UniqueFd fd, const notify::Datagram& datagram,
                             system::Moment time) {
    sink_.take_barrier(std::move(fd), datagram, time);
}

void ReadyGate::pass(notify::Datagram& datagram, const notify::Message& message,
                     system::Moment time) {
    notify::fold(status_.state, message, time);
    sink_.take(datagram, message, time);
}

void ReadyGate::pass_all_but_ready(notify::Datagram& datagram, const notify::Message& message,
                                   system::Moment time) {
    const std::string rest = message.without("READY=1");
    const auto remaining = notify::parse(rest);
    if (!remaining)
        return;  // The message contained nothing else.
    const std::string_view whole = std::exchange(datagram.text, rest);
    pass(datagram, *remaining, time);
    datagram.text = whole;
}

}  // namespace notifybridge::wrap
