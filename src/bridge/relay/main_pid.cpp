#include "bridge/relay/main_pid.hpp"

#include "base/notify/fact.hpp"
#include "base/notify/message.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::relay {
namespace {

using notify::Key;

bool names_main_pid(Key key) {
    return key == Key::main_pid || key == Key::main_pid_fd || key == Key::main_pid_fd_id;
}

}  // namespace

std::optional<pid_t> main_pid_in(std::string_view datagram) {
    const auto message = notify::parse(datagram);
    const auto value = message ? message->value(Key::main_pid) : std::nullopt;
    const auto pid = value ? notify::accepted_value(Key::main_pid, *value) : std::nullopt;
    return pid ? util::parse_number<pid_t>(*pid) : std::nullopt;
}

std::string without_main_pid(std::string_view datagram) {
    const auto message = notify::parse(datagram);
    if (!message)
        return std::string(datagram);
    std::string out;
    for (const notify::Tag& tag : message->tags())
        if (!names_main_pid(tag.key))
            out += util::concat(out.empty() ? "" : "\n", tag.raw);
    return out;
}

std::optional<std::string> with_main_pid(std::string_view datagram, const MainPid& process) {
    std::string out = without_main_pid(datagram);
    out += util::concat(out.empty() ? "" : "\n", "MAINPID=", process.pid);
    if (process.pidfd_id)
        out += util::concat("\nMAINPIDFDID=", *process.pidfd_id);
    // systemd would drop all of a longer one.
    if (out.size() > notify::longest_datagram)
        return std::nullopt;
    return out;
}

}  // namespace notifybridge::relay
