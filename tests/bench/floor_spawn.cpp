// A yardstick: runs programs with as little work as possible.
//
//   floor-spawn run COMMAND…
//
// Runs COMMAND with posix_spawn, waits for it, and ends with its status.
//
//   floor-spawn many COUNT COMMAND…
//
// Runs COMMAND COUNT times. Runs as many at once as there are processors.
//
//   floor-spawn time COUNT COMMAND… [\; COMMAND…]…
//
// Runs each COMMAND COUNT times, in turn, without its output. Prints how long each run took
// from its start to its end, in nanoseconds, with a line for each turn.

#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "posix.hpp"

namespace {

using namespace notifybridge::bench;

pid_t spawn(char** command, const posix_spawn_file_actions_t* actions = nullptr) {
    pid_t pid = 0;
    if (const int error = ::posix_spawnp(&pid, command[0], actions, nullptr, command, environ)) {
        errno = error;
        give_up(command[0]);
    }
    return pid;
}

int wait_for(pid_t pid) {
    int status = 0;
    check(::waitpid(pid, &status, 0), "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int processors() {
    cpu_set_t set;
    check(::sched_getaffinity(0, sizeof set, &set), "sched_getaffinity");
    return CPU_COUNT(&set);
}

int run_many(int count, char** command) {
    const int most = processors();
    int failures = 0;
    for (int at = 0; at < count; ++at) {
        if (at >= most)
            failures += wait_for(-1) != 0;
        spawn(command);
    }
    for (int left = std::min(count, most); left > 0; --left)
        failures += wait_for(-1) != 0;
    return failures != 0;
}

/// Splits the words into commands at each ";".
std::vector<std::vector<char*>> commands_of(char** words) {
    std::vector<std::vector<char*>> commands(1);
    for (; *words != nullptr; ++words) {
        if (std::string_view(*words) == ";")
            commands.emplace_back();
        else
            commands.back().push_back(*words);
    }
    for (std::vector<char*>& command : commands)
        command.push_back(nullptr);
    return commands;
}

void time_in_turn(int count, char** words) {
    posix_spawn_file_actions_t quiet;
    ::posix_spawn_file_actions_init(&quiet);
    ::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    auto commands = commands_of(words);
    for (int turn = 0; turn < count; ++turn) {
        for (std::vector<char*>& command : commands) {
            const std::int64_t start = now();
            const int status = wait_for(spawn(command.data(), &quiet));
            const std::int64_t time = now() - start;
            if (status != 0) {
                std::fprintf(stderr, "%s: exit status %d\n", command[0], status);
                _exit(1);
            }
            std::printf("%lld ", static_cast<long long>(time));
        }
        std::puts("");
    }
}

}  // namespace

int main(int count, char** words) {
    const std::string_view kind = count < 3 ? "" : words[1];
    if (kind == "run")
        return wait_for(spawn(words + 2));
    if (count < 4)
        return 2;
    if (kind == "many")
        return run_many(std::atoi(words[2]), words + 3);
    if (kind != "time")
        return 2;
    time_in_turn(std::atoi(words[2]), words + 3);
    return 0;
}
