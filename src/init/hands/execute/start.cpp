#include "init/hands/execute/start.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process/clone.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/executable.hpp"
#include "base/system/limits.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/files/unit/path.hpp"
#include "init/hands/execute/exec_directory.hpp"
#include "init/hands/execute/glob.hpp"
#include "init/hands/execute/launch.hpp"
#include "init/hands/execute/start_report.hpp"

namespace notifybridge::execute {
namespace {

constexpr int first_passed_fd = 3;

unit::Paths split_default_path() {
    unit::Paths paths;
    for (std::string_view rest = system::default_search_path; !rest.empty();)
        paths.emplace_back(util::take_until(rest, ':'));
    return paths;
}

/// Returns all paths at which a command's program may be, in the order of the search.
std::vector<std::string> possible_programs(const std::string& path,
                                           const unit::Paths& search_path) {
    if (unit::is_absolute(path))
        return {path};
    std::vector<std::string> programs;
    for (const std::string& directory : search_path.empty() ? split_default_path() : search_path)
        programs.push_back(util::concat(directory, '/', path));
    return programs;
}

/// A builder of a Launch. It follows systemd's order of steps, and stops at the first failure.
class Preparation {
public:
    /// Creates a preparation. `files` is the content of EnvironmentFile=, or null if these files
    /// were not read yet.
    Preparation(const StartRequest& request, const unit::Environment* files)
        : request_(request), exec_(request.exec), files_(files) {}

    Launch prepare();

private:
    bool is_sandboxed() const {
        return request_.applies_permissions
               && request_.command.privileges != unit::Privileges::full;
    }
    bool changes_user() const {
        return is_sandboxed() && request_.command.privileges != unit::Privileges::no_user_change;
    }
    void find_identity();
    void open_all(Launch& launch);
    unit::Environment environment() const;
    std::vector<std::string> arguments(const unit::Environment& environment) const;
    std::vector<process::PlacedFd> placed_fds() const;
    void set_priorities(Launch& launch) const;
    void set_credentials(Launch& launch) const;
    void set_directory(Launch& launch) const;
    void set_root(Launch& launch);
    void find_program(Launch& launch);

    const StartRequest& request_;
    const unit::ExecSettings& exec_;
    const unit::Environment* files_;
    Identity identity_;
    Failure failure_;
};

void Preparation::find_identity() {
    identity_ = execute::find_identity(exec_, request_.dynamic, failure_);
    if (exec_.working_directory == "~" && identity_.user.empty())
        identity_.home = request_.facts.home;
}

unit::Environment Preparation::environment() const {
    EnvironmentFacts given{request_.facts, request_.manager_environment, request_.environment,
                           identity_};
    for (const NamedFd& fd : request_.fds)
        given.fd_names.push_back(fd.name);
    given.watchdog = request_.watchdog;
    given.invocation_id = request_.invocation_id;
    given.files = files_;
    return make_environment(exec_, given);
}

std::vector<std::string> Preparation::arguments(const unit::Environment& environment) const {
    const unit::Command& command = request_.command;
    return command.expands_variables ? unit::expand_variables(command.argv, environment)
                                     : command.argv;
}

std::vector<process::PlacedFd> Preparation::placed_fds() const {
    std::vector<std::pair<system::Fd, int>> fds;
    for (const NamedFd& fd : request_.fds)
        fds.emplace_back(fd.fd, first_passed_fd + static_cast<int>(fds.size()));
    return process::copy_for_placing(fds);
}

void Preparation::set_priorities(Launch& launch) const {
    launch.nice = exec_.nice;
    launch.cpu_policy = exec_.cpu_scheduling_policy;
    launch.cpu_priority = exec_.cpu_scheduling_priority;
    if (launch.cpu_policy && exec_.cpu_scheduling_reset_on_fork)
        *launch.cpu_policy |= SCHED_RESET_ON_FORK;
    if (exec_.io_scheduling_class || exec_.io_scheduling_priority)
        launch.io_priority = unit::io_priority(exec_);
    launch.timer_slack = exec_.timer_slack;
}

void Preparation::set_credentials(Launch& launch) const {
    launch.limits[RLIMIT_NOFILE] = system::inherited_open_files_limit();
    launch.groups = changes_user() ? identity_.groups : identity_.groups_of_user;
    if (changes_user()) {
        launch.gid = identity_.gid;
        launch.uid = identity_.uid;
    }
    if (!is_sandboxed())
        return;
    for (std::size_t kind = 0; kind < launch.limits.size(); ++kind)
        if (const auto& limit = (*exec_.limits)[kind])
            launch.limits[kind] = limit;
    launch.bounding_set = exec_.capability_bounding_set;
    launch.ambient_set = exec_.ambient_capabilities;
    launch.secure_bits = exec_.secure_bits;
    launch.no_new_privileges = exec_.no_new_privileges;
}

void Preparation::set_directory(Launch& launch) const {
    launch.directory = exec_.working_directory == "~" ? identity_.home : exec_.working_directory;
    // As in systemd 257, this is also the directory of a user without a home.
    if (launch.directory.empty())
        launch.directory = "/";
    if (has_own_root(exec_) && !request_.applies_root)
        launch.directory.insert(0, *exec_.root_directory);
    launch.directory_may_be_missing = exec_.working_directory_may_be_missing;
}

/// Applies RootDirectory= (systemd.exec(5)). Fails if the unit requires a root directory or network
/// that only unsupported settings can set up.
void Preparation::set_root(Launch& launch) {
    if (request_.applies_root && has_own_root(exec_))
        launch.root = exec_.root_directory;
    const bool is_network = exec_.prevented_by == "NetworkNamespacePath"
                            || exec_.prevented_by == "BindNetworkInterface";
    if (!exec_.prevented_by.empty() && !failure_)
        failure_ = {is_network ? Step::network : Step::name_space, EOPNOTSUPP};
}

void Preparation::find_program(Launch& launch) {
    launch.ignores_missing = request_.command.ignores_failure;
    if (!launch.root.empty()) {
        launch.programs = possible_programs(request_.command.path, exec_.exec_search_path);
        return;
    }
    int error = 0;
    launch.programs = {execute::find_program(request_.command.path, exec_.exec_search_path, error)};
    if (error != 0)
        failure_ = {Step::exec, error};
}

/// Finds the identity of the process, opens its streams and creates its directories. Stops at the
/// first failure.
void Preparation::open_all(Launch& launch) {
    find_identity();
    if (!failure_)
        launch.streams = open_streams(
            exec_, {request_.fds, request_.socket, request_.log, request_.applies_terminal},
            failure_);
    if (!failure_)
        failure_ = make_directories(exec_, request_.facts, identity_);
}

Launch Preparation::prepare() {
    Launch launch;
    open_all(launch);
    unit::Environment variables = environment();
    launch.arguments = Strings(arguments(variables));
    launch.environment = Strings(std::move(variables));
    launch.fds = placed_fds();
    for (const NamedFd& fd : request_.fds)
        launch.sockets += fd.is_socket ? 1 : 0;
    launch.non_blocking = request_.non_blocking;
    launch.idle = request_.idle;
    launch.terminal_reset = terminal_reset_of(exec_);
    if (exec_.oom_score_adjust)
        launch.oom_score_adjust = util::concat(*exec_.oom_score_adjust);
    set_priorities(launch);
    launch.umask = exec_.umask;
    launch.ignored_signals = request_.ignored_signals;
    launch.ignores_sigpipe = exec_.ignore_sigpipe;
    launch.mark = request_.mark;
    set_credentials(launch);
    set_directory(launch);
    set_root(launch);
    if (!failure_)
        find_program(launch);
    launch.planned = failure_;
    return launch;
}

/// A scope that restores our dumpable flag at its end, when the child no longer shares our memory.
///
/// setresuid(2) in the vfork child clears the flag, so that the child's new user cannot read the
/// shared memory (prctl(2), PR_SET_DUMPABLE). While the flag is cleared, no process of our user can
/// inspect our process in /proc, not even our process itself.
class DumpableKept {
public:
    DumpableKept() : before_(::prctl(PR_GET_DUMPABLE)) {}
    DumpableKept(const DumpableKept&) = delete;
    DumpableKept& operator=(const DumpableKept&) = delete;
    ~DumpableKept() {
        if (before_ == 1)
            ::prctl(PR_SET_DUMPABLE, 1);
    }

private:
    int before_;
};

/// Throws std::system_error if the unit names a descriptor that does not exist. Must be called
/// before the fork, so that the unit fails at once.
void check_descriptors(const StartRequest& request) {
    const unit::ExecSettings& exec = request.exec;
    if (uses_socket(exec) && !request.socket)
        system::throw_error(EINVAL, "standard input", "socket");
    for (const std::string* const name : named_descriptors(exec))
        find_named(request.fds, *name);
}

bool makes_directories(const unit::ExecSettings& exec) {
    return std::ranges::any_of(exec_directory_kinds, [&](const ExecDirectoryKind& kind) {
        return !(exec.*kind.directories)->directories.empty();
    });
}

/// Returns whether the search for the files takes so long that it belongs into the child.
bool takes_many_looks(const std::vector<unit::EnvironmentFile>& files) {
    return std::ranges::any_of(files, [](const unit::EnvironmentFile& file) {
        return !glob_within(most_looks, file.path);
    });
}

/// Returns whether the process prepares itself in a copy of our memory.
bool prepares_itself(const StartRequest& request) {
    return request.may_hang || request.environment_files_may_hang || request.idle
           || opens_files(request.exec) || makes_directories(request.exec)
           || !terminal_reset_of(request.exec).path.empty();
}

/// Returns the descriptors that a process needs to prepare itself, in ascending order. Omits the
/// standard streams.
std::vector<int> needed_fds(const StartRequest& request, system::Fd report) {
    std::vector<int> fds = {request.cgroup.get(), request.idle.get(), request.socket.get(),
                            request.log.get(), report.get()};
    for (const NamedFd& fd : request.fds)
        fds.push_back(fd.fd.get());
    std::erase_if(fds, [](int fd) { return fd <= STDERR_FILENO; });
    std::ranges::sort(fds);
    fds.erase(std::unique(fds.begin(), fds.end()), fds.end());
    return fds;
}

/// Prepares and executes the program. Must be called in a child that has a copy of our memory.
int prepare_and_become_program(const StartRequest& request, const unit::Environment* files,
                               system::Fd report) {
    // Move the report's descriptor above all descriptors that the program gets.
    const int lowest = first_passed_fd + static_cast<int>(request.fds.size());
    const system::UniqueFd placed(::fcntl(report.get(), F_DUPFD_CLOEXEC, lowest));
    isolate_child(request.ignored_signals, request.exec.ignore_sigpipe,
                  needed_fds(request, placed));
    try {
        Launch launch = Preparation(request, files).prepare();
        launch.cgroup = request.cgroup;
        launch.report = placed;
        const int status = become_program(&launch);
        report_failure(placed, launch.failure, launch.is_ignored);
        return status;
    } catch (const std::system_error& error) {
        report_refusal(placed, error.what());
        return process::status_failed;
    }
}

Started start_by_itself(const StartRequest& request, const unit::Environment* files) {
    system::Pipe report = system::make_pipe();
    Started started;
    started.child = process::fork_child(
        [&] { return prepare_and_become_program(request, files, report.writing); });
    started.report = std::move(report.reading);
    return started;
}

Started start_prepared(const StartRequest& request, const unit::Environment& files) {
    Launch launch = Preparation(request, &files).prepare();
    const DumpableKept dumpable;
    static const process::ChildStack stack;
    Started started;
    auto child = process::clone_child_into(request.cgroup, become_program, &launch, stack);
    if (!child) {
        launch.cgroup = request.cgroup;
        child = process::clone_child(become_program, &launch, stack);
    }
    started.child = std::move(*child);
    started.failure = launch.failure;
    started.is_ignored = launch.is_ignored;
    return started;
}

}  // namespace

void find_slow_mounts(StartRequest& request, system::Mounts& mounts) {
    if (!mounts.are_any_slow())
        return;
    const unit::ExecSettings& exec = request.exec;
    for (const unit::EnvironmentFile& file : *exec.environment_files)
        request.environment_files_may_hang |= mounts.may_hang(file.path);
    const std::string& program = request.command.path;
    const std::string& directory = exec.working_directory;
    // Some paths are not known yet: a home, a program that is searched for, and paths in another
    // root directory. Assume that these paths may block.
    request.may_hang = has_own_root(exec) || directory == "~" || !unit::is_absolute(program)
                       || mounts.may_hang(directory) || mounts.may_hang(program);
}

std::string find_program(const std::string& path, const unit::Paths& search_path, int& error) {
    error = ENOENT;
    for (std::string& candidate : possible_programs(path, search_path)) {
        const int why_not = system::why_not_executable(candidate);
        if (why_not == 0) {
            error = 0;
            return std::move(candidate);
        }
        if (why_not != ENOENT)
            error = why_not;
    }
    return path;
}

Started start(const StartRequest& request) {
    check_descriptors(request);
    if (request.environment_files_may_hang || takes_many_looks(request.exec.environment_files))
        return start_by_itself(request, nullptr);
    const auto files = read_environment_files(request.exec.environment_files);
    return prepares_itself(request) ? start_by_itself(request, &files)
                                    : start_prepared(request, files);
}

}  // namespace notifybridge::execute
