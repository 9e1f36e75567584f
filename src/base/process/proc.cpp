#include "base/process/proc.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::process {
namespace {

/// Returns the fields of /proc/PID/stat (proc_pid_stat(5)) from the third one, the state. The
/// second field is a name in parentheses, which may contain any byte.
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

/// Process flags from the kernel's include/linux/sched.h.
constexpr unsigned exiting = 0x4;                // PF_EXITING
constexpr unsigned kernel_thread = 0x0020'0000;  // PF_KTHREAD

bool has_flag(std::string_view fields, unsigned flag) {
    const auto flags = number_in<unsigned>(fields, 6);
    return !flags || (*flags & flag);
}

bool has_ended_in(std::string_view fields) {
    return fields.starts_with('Z') || fields.starts_with('X') || has_flag(fields, exiting);
}

/// Returns whether a process with an empty environ really has no variables. During execve(2), the
/// new memory does not contain the variables at first. The kernel sets the bounds of the code only
/// after it has copied the variables.
bool has_no_variables(std::string_view fields) {
    constexpr int end_code = 24, env_start = 47, env_end = 48;
    const auto number = [&](int at) { return number_in<std::uint64_t>(fields, at).value_or(0); };
    return has_ended_in(fields) || has_flag(fields, kernel_thread)
           || (number(end_code) != 0 && number(env_start) == number(env_end));
}

/// Reads /proc/PID/environ with one read(2). If the process executes another program, a second read
/// would only report the end of the file.
system::Result<std::string> read_environ(pid_t pid) {
    constexpr std::size_t most = 4 * 1024 * 1024;
    const system::UniqueFd file(
        ::open(util::concat("/proc/", pid, "/environ").c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return system::last_error();
    const auto buffer = std::make_unique_for_overwrite<std::byte[]>(most);
    const auto size = system::read_at(file, {buffer.get(), most}, 0);
    if (!size)
        return size.error();
    return std::string(system::as_text({buffer.get(), *size}));
}

void close_between(int first, int last) {
    // Linux before 5.9 does not have this call, and a system call filter may refuse it.
    if (::syscall(SYS_close_range, first, last, 0) == 0)
        return;
    for (const int fd : numbers_in("/proc/self/fd"))
        if (fd >= first && fd <= last)
            ::close(fd);
}

}  // namespace

bool proc_is_ours() {
    const auto self = system::read_link("/proc/self");
    return self && *self == std::to_string(::getpid());
}

bool is_pid1() {
    return ::getpid() == 1;
}

std::vector<int> numbers_in(const std::string& directory) {
    std::vector<int> found;
    if (const auto entries = system::list_directory(directory))
        for (const system::DirectoryEntry& entry : *entries)
            if (const auto number = util::parse_number<int>(entry.name))
                found.push_back(*number);
    return found;
}

std::vector<int> descriptors_of(pid_t pid, system::Fd file) {
    std::vector<int> found;
    const std::string fds = util::concat("/proc/", pid, "/fd");
    if (const auto wanted = system::identity(file))
        for (const int fd : numbers_in(fds))
            if (system::identity(util::concat(fds, '/', fd)) == wanted)
                found.push_back(fd);
    return found;
}

void close_all_from(int first) {
    close_between(first, std::numeric_limits<int>::max());
}

void close_all_except(std::vector<int> kept) {
    std::ranges::sort(kept);
    int first = 0;
    for (const int fd : kept) {
        if (fd > first)
            close_between(first, fd - 1);
        first = fd + 1;
    }
    close_all_from(first);
}

std::optional<pid_t> parent_of(pid_t pid) {
    return number_in<pid_t>(stat_fields(pid), 1);
}

std::optional<std::uint64_t> start_time(pid_t pid) {
    constexpr int start_time = 19;
    return number_in<std::uint64_t>(stat_fields(pid), start_time);
}

std::vector<std::string> command_line(pid_t pid) {
    const std::string text = system::text_of(util::concat("/proc/", pid, "/cmdline"));
    std::string_view left = text;
    std::vector<std::string> words;
    while (!left.empty())
        words.emplace_back(util::take_until(left, '\0'));
    return words;
}

bool is_ending(pid_t pid) {
    return has_ended_in(stat_fields(pid));
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
    // These constants limit the wait, because a process whose file system does not respond may stay
    // in execve(2) forever.
    constexpr int most_reads = 100;
    constexpr useconds_t pause_usec = 100;
    for (int attempt = 0; attempt < most_reads; ++attempt) {
        const auto text = read_environ(pid);
        if (!text)
            return {};
        if (!text->empty() || has_no_variables(stat_fields(pid)))
            return *text;
        ::usleep(pause_usec);
    }
    return {};
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
