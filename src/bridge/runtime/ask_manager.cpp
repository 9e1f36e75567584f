#include "bridge/runtime/ask_manager.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/process/environment.hpp"
#include "base/process/spawn.hpp"
#include "base/system/fd.hpp"
#include "base/system/pidfd.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::runtime {
namespace {

using Clock = std::chrono::steady_clock;

/// The limit of an answer in bytes. The answer about one image is smaller than this.
constexpr std::size_t most_answer = 1024 * 1024;

/// Returns whether `fd` becomes readable before `end`.
bool is_readable_before(system::Fd fd, Clock::time_point end) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd entry = {fd.get(), POLLIN, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (ready > 0)
            return true;
        if (ready == 0 && left <= 0)
            return false;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/// Reads until all writers have closed the pipe. Returns false if the pipe is still open at `end`.
bool read_answer(system::Fd pipe, std::string& output, Clock::time_point end) {
    std::array<char, 16 * 1024> part;
    while (output.size() <= most_answer && is_readable_before(pipe, end)) {
        const ssize_t size = ::read(pipe.get(), part.data(), part.size());
        if (size == 0)
            return true;
        if (size > 0)
            output.append(part.data(), static_cast<std::size_t>(size));
        else if (errno != EINTR && errno != EAGAIN)
            return false;
    }
    return false;
}

}  // namespace

ManagerAnswer ask_manager(std::vector<std::string> words) {
    const Clock::time_point end = Clock::now() + longest_answer;
    const system::UniqueFd nothing = system::open_null();
    system::Pipe pipe = system::make_pipe();
    process::Command command;
    command.arguments = std::move(words);
    command.environment = process::Environment::inherited();
    command.input = nothing;
    command.output = pipe.writing;
    command.error = nothing;
    const process::Child child = process::spawn(command);
    pipe.writing.reset();
    ManagerAnswer answer;
    const bool is_whole = read_answer(pipe.reading, answer.output, end);
    const bool has_ended = is_whole && (!child.pidfd || is_readable_before(child.pidfd, end));
    if (!has_ended)
        system::send_signal(child.pid, child.pidfd, SIGKILL);
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED) < 0 && errno == EINTR)
        ;
    if (has_ended)
        answer.status = process::ExitStatus::of(info);
    return answer;
}

}  // namespace notifybridge::runtime
