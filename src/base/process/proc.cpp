#include "base/process/proc.hpp"

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::process {
namespace {

/// The fields of /proc/PID/stat (proc_pid_stat(5)) from the third, the state, on. The second is a
/// name in brackets that may have any byte in it.
std::string stat_fields(pid_t pid) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/stat"));
    const std::size_t bracket = text.rfind(") ");
    return bracket == text.npos ? std::string() : text.substr(bracket + 2);
}

template <typename Number>
std::optional<Number> number_in(std::string_view fields, int at) {
    for (; at > 0; --at)
        util::take_until(fields, ' ');
    return util::parse_number<Number>(util::take_until(fields, ' '));
}

}  // namespace

std::vector<int> numbers_in(const std::string& directory) {
    std::vector<int> found;
    if (const auto entries = system::list_directory(directory))
        for (const system::DirectoryEntry& entry : *entries)
            if (const auto number = util::parse_number<int>(entry.name))
                found.push_back(*number);
    return found;
}

std::optional<pid_t> parent_of(pid_t pid) {
    return number_in<pid_t>(stat_fields(pid), 1);
}

bool is_ending(pid_t pid) {
    constexpr unsigned exiting = 0x4;  // PF_EXITING of the kernel's include/linux/sched.h.
    const std::string fields = stat_fields(pid);
    const auto flags = number_in<unsigned>(fields, 6);
    return fields.starts_with('Z') || fields.starts_with('X') || !flags || (*flags & exiting);
}

std::string status_field(pid_t pid, std::string_view name) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/status"));
    const std::string start = util::concat('\n', name, ":\t");
    const std::size_t at = text.find(start);
    if (at == text.npos)
        return {};
    const std::size_t begin = at + start.size();
    return text.substr(begin, text.find('\n', begin) - begin);
}

std::uint64_t bytes_read_by(pid_t pid) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/io"));
    std::string_view rest = text;
    return util::take_until(rest, ' ') == "rchar:"
               ? util::parse_number<std::uint64_t>(util::take_until(rest, '\n')).value_or(0)
               : 0;
}

std::string environ_of(pid_t pid) {
    constexpr std::size_t most = 4 * 1024 * 1024;
    return system::text_of(util::concat("/proc/", pid, "/environ"), most);
}

std::optional<std::string_view> variable_in(std::string_view environ, std::string_view name) {
    while (!environ.empty()) {
        const std::string_view entry = util::take_until(environ, '\0');
        if (entry.starts_with(name) && entry.substr(name.size()).starts_with('='))
            return entry.substr(name.size() + 1);
    }
    return std::nullopt;
}

std::string variable_of(pid_t pid, std::string_view name) {
    const std::string environ = environ_of(pid);
    return std::string(variable_in(environ, name).value_or(std::string_view()));
}

}  // namespace notifybridge::process
