#include "init/hands/perform/process_list.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::perform {

std::optional<ProcessEntry> parse_stat(std::string_view stat) {
    // The second field is a name in brackets, and may contain any bytes. The third field is the
    // state, and the 22nd is the start time. The 38th is the signal that the parent gets when the
    // process ends. For a thread, this signal is -1.
    constexpr std::size_t most_fields = 36;
    const std::size_t bracket = stat.rfind(')');
    const auto pid = util::parse_number<pid_t>(stat.substr(0, stat.find(' ')));
    if (!pid || bracket == stat.npos || stat.size() < bracket + 2)
        return std::nullopt;
    stat.remove_prefix(bracket + 2);
    std::array<std::string_view, most_fields> fields;
    for (std::string_view& field : fields)
        field = util::take_until(stat, ' ');
    const auto parent = util::parse_number<pid_t>(fields[1]);
    const auto session = util::parse_number<pid_t>(fields[3]);
    const auto start_time = util::parse_number<std::uint64_t>(fields[19]);
    if (!parent || !session || !start_time)
        return std::nullopt;
    const bool is_zombie = fields[0] == "Z" || fields[0] == "X";
    const bool is_thread = fields[35] == "-1";
    return ProcessEntry{*pid, *parent, *session, *start_time, is_zombie, is_thread};
}

std::optional<ProcessEntry> find_process(pid_t pid) {
    const auto found = parse_stat(system::text_of(util::concat("/proc/", pid, "/stat")));
    return found && !found->is_thread ? found : std::nullopt;
}

std::optional<uid_t> user_of(pid_t pid) {
    struct stat status;
    const bool is_there = ::stat(util::concat("/proc/", pid).c_str(), &status) == 0;
    return is_there ? std::optional(status.st_uid) : std::nullopt;
}

pid_t newest_pid() {
    const std::string text = system::text_of("/proc/loadavg");
    const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
    return util::parse_number<pid_t>(line.substr(line.rfind(' ') + 1)).value_or(0);
}

std::optional<std::vector<pid_t>> children_of_ours() {
    constexpr std::size_t most_read = 64 * 1024 * 1024;  // Enough for the 4 million pids of Linux.
    const pid_t self = ::getpid();
    const auto text =
        system::read_text(util::concat("/proc/", self, "/task/", self, "/children"), most_read);
    if (!text)
        return std::nullopt;
    std::vector<pid_t> children;
    for (std::string_view rest = *text; !rest.empty();)
        if (const auto pid = util::parse_number<pid_t>(util::take_until(rest, ' ')))
            children.push_back(*pid);
    return children;
}

}  // namespace notifybridge::perform
