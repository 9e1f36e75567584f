#include "init/hands/generate/run_generators.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include "base/process/descendants.hpp"
#include "base/process/exit_status.hpp"
#include "base/process/proc.hpp"
#include "base/process/spawn.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/pipe.hpp"
#include "base/system/remove_tree.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/time_span.hpp"
#include "init/files/facts/virtualization.hpp"

namespace notifybridge::generate {
namespace {

using util::concat;
using util::Severity;
using Clock = std::chrono::steady_clock;

// The names of the output directories, in the order of a generator's arguments.
constexpr auto output_names =
    std::to_array<std::string_view>({"generator", "generator.early", "generator.late"});
constexpr mode_t output_mode = 0755;
constexpr mode_t umask_of_generators = 022;

std::vector<std::string> outputs_in(const std::string& directory) {
    std::vector<std::string> paths;
    for (const std::string_view name : output_names)
        paths.push_back(concat(directory, '/', name));
    return paths;
}

/// Removes a directory of generated units. If a generator has replaced the directory with a link,
/// does not follow the link.
void remove_output(const std::string& path) {
    const system::UniqueFd directory(
        ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory)
        system::remove_content(directory);
    if (!directory || ::rmdir(path.c_str()) < 0)
        ::unlink(path.c_str());
}

std::string in_seconds(std::chrono::milliseconds span) {
    return util::to_string(span);
}

sigset_t only_sigchld() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGCHLD);
    return set;
}

/// Waits until a child ends, but at most for `span`. SIGCHLD must be blocked.
void wait_for_child(Clock::duration span) {
    constexpr long nanoseconds_per_second = 1'000'000'000;
    const auto total = std::chrono::nanoseconds(span).count();
    const timespec limit{static_cast<std::time_t>(total / nanoseconds_per_second),
                         static_cast<long>(total % nanoseconds_per_second)};
    const sigset_t awaited = only_sigchld();
    ::sigtimedwait(&awaited, nullptr, &limit);
}

class Runner {
public:
    Runner(const GeneratorRun& run, Tell tell)
        : run_(run), tell_(tell), outputs_(outputs_in(run.directory)) {}

    void run();

private:
    bool make_outputs();
    void start_all();
    void start(const Generator& generator, system::Fd null);
    void wait_for_all();
    void reap();
    void take_end(const std::string& path, process::ExitStatus status);
    void name_slow();
    void kill_slow();
    void report_leftover();

    const GeneratorRun& run_;
    Tell tell_;
    std::vector<std::string> outputs_;
    /// The paths of all generators that were started, by their process groups.
    std::map<pid_t, std::string> started_;
    std::map<pid_t, std::string> running_;
    std::map<pid_t, std::string> killed_;
};

void Runner::run() {
    const sigset_t blocked = only_sigchld();
    ::sigprocmask(SIG_BLOCK, &blocked, nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ::umask(umask_of_generators);
    for (const std::string& path : outputs_)
        remove_output(path);
    if (run_.generators.empty() || !make_outputs())
        return;
    start_all();
    wait_for_all();
    report_leftover();
    // As in systemd, remove the directories that have no units.
    for (const std::string& path : outputs_)
        ::rmdir(path.c_str());
}

bool Runner::make_outputs() {
    for (const std::string& path : outputs_)
        if (::mkdir(path.c_str(), output_mode) < 0) {
            tell_(Severity::error, concat("cannot create ", path, ": ", system::describe(errno),
                                          "; continuing without generators"));
            return false;
        }
    return true;
}

void Runner::start_all() {
    const system::UniqueFd null = system::open_null();
    for (const Generator& generator : run_.generators)
        start(generator, null);
}

void Runner::start(const Generator& generator, system::Fd null) {
    process::Command command;
    command.arguments = {generator.path};
    command.arguments.insert(command.arguments.end(), outputs_.begin(), outputs_.end());
    command.environment = run_.environment;
    command.pid_variables = {"SYSTEMD_EXEC_PID"};
    command.input = null;
    command.output = generator.output;
    command.error = generator.output;
    command.own_process_group = true;
    try {
        const pid_t pid = process::spawn(command).pid;
        started_.emplace(pid, generator.path);
        running_.emplace(pid, generator.path);
    } catch (const std::system_error& error) {
        tell_(Severity::warning,
              concat("cannot run the generator ", util::escape(generator.path), ": ",
                     system::describe(error.code().value()), "; continuing without its units"));
    }
}

void Runner::wait_for_all() {
    const Clock::time_point start = Clock::now();
    bool is_named = false;
    for (reap(); !running_.empty(); reap()) {
        const Clock::duration passed = Clock::now() - start;
        if (passed >= run_.limit)
            return kill_slow();
        if (!is_named && passed >= run_.patience) {
            name_slow();
            is_named = true;
        }
        wait_for_child((is_named ? run_.limit : std::min(run_.patience, run_.limit)) - passed);
    }
}

void Runner::reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
        // A process that is not a generator is an orphan that a generator left behind.
        if (const auto ended = running_.extract(pid))
            take_end(ended.mapped(), WIFEXITED(status)
                                         ? process::ExitStatus::exited(WEXITSTATUS(status))
                                         : process::ExitStatus::killed(WTERMSIG(status)));
}

void Runner::take_end(const std::string& path, process::ExitStatus status) {
    if (!status.success())
        tell_(Severity::warning, concat("the generator ", util::escape(path), ' ',
                                        process::describe(status), "; using what it wrote"));
}

void Runner::name_slow() {
    for (const auto& [pid, path] : running_)
        tell_(Severity::notice, concat("still waiting for the generator ", util::escape(path),
                                       "; it will be killed after ", in_seconds(run_.limit)));
}

/// Kills the generators that are still running. Does not wait for their end, because a process that
/// hangs in the kernel survives even SIGKILL.
void Runner::kill_slow() {
    killed_ = std::exchange(running_, {});
    for (const auto& [pid, path] : killed_) {
        ::kill(-pid, SIGKILL);
        tell_(Severity::warning,
              concat("killed the generator ", util::escape(path), ", which did not end within ",
                     in_seconds(run_.limit), "; using what it wrote"));
    }
}

/// Reports the generators that left processes running. As in systemd, these processes continue.
void Runner::report_leftover() {
    reap();
    std::map<std::string, std::string> left;
    for (const pid_t pid : process::descendants(::getpid())) {
        const pid_t group = ::getpgid(pid);
        std::string name = system::text_of(concat("/proc/", pid, "/comm"));
        name.resize(name.find_last_not_of('\n') + 1);
        // Skip processes that we have killed, because they may still exist.
        if (name.empty() || killed_.contains(group))
            continue;
        const auto owner = started_.find(group);
        left[owner == started_.end() ? "a generator" : concat("the generator ", owner->second)] +=
            concat(" pid ", pid, " (", name, ')');
    }
    for (const auto& [owner, pids] : left)
        tell_(Severity::warning, util::escape(concat(owner, " left processes running:", pids)));
}

}  // namespace

bool has_generated_units(const std::string& directory) {
    struct stat status {};
    for (const std::string& path : outputs_in(directory))
        if (::lstat(path.c_str(), &status) == 0)
            return true;
    return false;
}

void describe_system(process::Environment& environment, const std::string& architecture) {
    environment.set("SYSTEMD_SCOPE", "system");
    environment.set("SYSTEMD_IN_INITRD", "0");
    environment.set("SYSTEMD_FIRST_BOOT",
                    ::access("/run/systemd/first-boot", F_OK) == 0 ? "1" : "0");
    const std::string container = facts::detect_container();
    const std::string machine = container.empty() ? facts::detect_virtual_machine() : "";
    if (!container.empty() || !machine.empty())
        environment.set("SYSTEMD_VIRTUALIZATION", container.empty()
                                                      ? concat("vm:", machine)
                                                      : concat("container:", container));
    environment.set("SYSTEMD_ARCHITECTURE", architecture);
}

void run_generators(const GeneratorRun& run, Tell tell) {
    Runner(run, tell).run();
}

}  // namespace notifybridge::generate
