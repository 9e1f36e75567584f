#include "relay/main_pid.hpp"

#include "notify/fact.hpp"
#include "notify/message.hpp"
#include "util/concat.hpp"
#include "util/number.hpp"

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

std::string translate_main_pid(std::string_view datagram,
                               const std::optional<MainPid>& translated) {
    const auto message = notify::parse(datagram);
    if (!message)
        return std::string(datagram);
    std::string out;
    const auto add = [&](std::string_view line) {
        out += util::concat(out.empty() ? "" : "\n", line);
    };
    for (const notify::Tag& tag : message->tags())
        if (!names_main_pid(tag.key))
            add(tag.raw);
    if (!translated)
        return out;
    add(util::concat("MAINPID=", translated->pid));
    if (translated->pidfd_id)
        add(util::concat("MAINPIDFDID=", *translated->pidfd_id));
    // systemd would drop all of a longer one.
    return out.size() <= notify::longest_datagram ? out
                                                  : translate_main_pid(datagram, std::nullopt);
}

}  // namespace notifybridge::relay
