#include "bridge/channel/container_status.hpp"

#include <signal.h>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "bridge/channel/drop_text.hpp"
#include "bridge/channel/state_text.hpp"

namespace notifybridge::channel {
namespace {

template <typename Number>
void read_number(Number& out, const std::string& value) {
    out = util::parse_number<Number>(value).value_or(0);
}

void read_line(ContainerStatus& status, std::string_view key, const std::string& value) {
    if (key == "RUN_ID")
        status.run = system::parse_random_id(value).value_or(RunId{});
    else if (key == "PID")
        read_number(status.pid, value);
    else if (key == "COMMAND_PID")
        read_number(status.command_pid, value);
    else if (key == "COMMAND")
        status.command = value;
    else if (key == "READY_WHEN")
        status.condition = value;
    else if (key == "STARTED_USEC")
        read_number(status.started_usec, value);
    else if (key == "MESSAGES")
        read_number(status.messages, value);
    else if (key == "UNHEARD_BARRIERS")
        read_number(status.unheard_barriers, value);
    else if (key == "PAUSES")
        read_number(status.pauses, value);
    else if (key == "EXITED" || key == "KILLED")
        status.end = parse_end(util::concat(key, '=', value));
    else if (!read_drop_line(status.drops, key, value)
             && !read_health_line(status.health, key, value)
             && !read_connections_line(status.connections, key, value))
        read_state_line(status.state, key, value);
}

}  // namespace

std::string to_text(const ContainerStatus& status) {
    util::KeyValueWriter out;
    write_state(status.state, out, status.end.has_value());
    if (status.end)
        out.add(status.end->signal ? "KILLED" : "EXITED",
                status.end->signal ? status.end->signal : status.end->code);
    out.add("RUN_ID", to_string(status.run));
    out.add("STARTED_USEC", status.started_usec);
    out.add("PID", status.pid);
    out.add("COMMAND_PID", status.command_pid);
    out.add("COMMAND", status.command);
    if (!status.condition.empty())
        out.add("READY_WHEN", status.condition);
    out.add("MESSAGES", status.messages);
    if (status.unheard_barriers != 0)
        out.add("UNHEARD_BARRIERS", status.unheard_barriers);
    if (status.pauses != 0)
        out.add("PAUSES", status.pauses);
    if (status.health)
        write_health(*status.health, out);
    if (status.connections)
        write_connections(*status.connections, out);
    write_drops(status.drops, out);
    return out.text();
}

ContainerStatus parse_container_status(std::string_view text) {
    ContainerStatus status;
    util::for_each_key_value(text, [&](std::string_view key, const std::string& value) {
        read_line(status, key, value);
    });
    return status;
}

std::string end_text(process::ExitStatus status) {
    return status.signal ? util::concat("KILLED=", status.signal)
                         : util::concat("EXITED=", status.code);
}

std::optional<process::ExitStatus> parse_end(std::string_view text) {
    const bool killed = text.starts_with("KILLED=");
    if (!killed && !text.starts_with("EXITED="))
        return std::nullopt;
    const auto number = util::parse_number<unsigned char>(text.substr(7));
    if (!number || (killed && (*number == 0 || *number >= NSIG)))
        return std::nullopt;
    return killed ? process::ExitStatus::killed(*number) : process::ExitStatus::exited(*number);
}

}  // namespace notifybridge::channel
