#include "bridge.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/process/environment.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/process/program_file.hpp"
#include "base/process/spawn.hpp"
#include "base/system/datagram.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/number.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/obstacle.hpp"

namespace notifybridge {
namespace {

using util::concat;
using util::quote;

/// A key that no message can have would silently change nothing.
const std::string& checked_key(const std::string& key) {
    if (key.empty() || key.find_first_of("=,*? \t\r\n") != key.npos)
        throw cli::UsageError(
            "--allow and --deny take the name of one variable, such as "
            "NOTIFYACCESS, or X_ for all that begin so, and not "
            + util::quote(key));
    return key;
}

class LoggedReasons final : public relay::Reasons {
public:
    void add(Fate fate, std::string_view what, std::string_view why) override {
        constexpr std::array<std::string_view, 3> fates = {"forwarded", "changed", "dropped"};
        util::log(util::Severity::notice, util::Topic::messages, util::quote(what), ": ",
                  fates[static_cast<std::size_t>(fate)], ": ", util::escape(why));
    }
};

}  // namespace

std::optional<notify::Address> manager_of_environment() {
    const auto text = cli::variable("NOTIFY_SOCKET");
    if (!text)
        return std::nullopt;
    auto address = notify::parse_address(*text);
    if (!address)
        throw cli::UsageError(util::concat("NOTIFY_SOCKET=", util::quote(*text), ": ",
                                           notify::explain(address.error())));
    return std::move(*address);
}

void warn_of_main_process() {
    const auto pid =
        util::parse_number<pid_t>(cli::variable("SYSTEMD_EXEC_PID").value_or(std::string()));
    // Others than systemd may have set NOTIFY_SOCKET, and have no such rule.
    const bool is_systemd =
        cli::variable("NOTIFY_SOCKET").value_or(std::string()).ends_with("/systemd/notify");
    if (!pid || !is_systemd || process::is_meant_for_us(concat(*pid)))
        return;
    // Root's may not be signalled below su, and is there all the same.
    if (::kill(*pid, 0) < 0 && errno == ESRCH)
        return;
    util::log(util::Severity::warning, util::Topic::messages,
              "this is not the main process of its unit, which is pid ", *pid,
              ": without NotifyAccess=all systemd drops what it says; have the script in "
              "ExecStart= start it by `exec`, and set User= in the place of su or sudo");
}

relay::Policy changed_policy(relay::Policy policy, const cli::Arguments& arguments) {
    for (const std::string& key : arguments.values("allow"))
        policy.allow(checked_key(key));
    for (const std::string& key : arguments.values("deny"))
        policy.deny(checked_key(key));
    return policy;
}

std::unique_ptr<relay::Reasons> shown_reasons(const cli::Arguments& arguments) {
    if (!arguments.has("explain"))
        return nullptr;
    return std::make_unique<LoggedReasons>();
}

std::string whole_path(const std::string& shared_directory) {
    try {
        return process::absolute_path(shared_directory);
    } catch (const std::system_error& error) {
        throw channel::DirectoryError(
            concat("shared directory ", quote(shared_directory),
                   ": cannot find its whole path: ", system::describe(error.code().value()),
                   "; the working directory is gone, name it from / on"));
    }
}

void remove_obstacles(system::Fd directory, const std::string& shared_directory) {
    for (const std::string& name : channel::remove_obstacles(directory))
        util::log(util::Severity::warning, util::Topic::process, "removed the directory ",
                  quote(concat(shared_directory, '/', name)), ": a file of ours belongs there");
}

void make_files(const std::string& shared_directory, const std::function<void()>& act) {
    try {
        act();
    } catch (const std::system_error& error) {
        // A limit of this process, as ulimit -f is one, says nothing of the directory.
        constexpr std::array limits = {EFBIG, EMFILE, ENFILE, ENOMEM};
        if (util::contains(limits, error.code().value()))
            throw;
        const auto directory = system::open_directory(shared_directory);
        std::string why =
            directory ? channel::explain_obstacle(*directory, shared_directory) : std::string();
        if (why.empty())
            why =
                "check that files can be made in it, and sockets, or name another with "
                "SHARED_DIR";
        throw channel::DirectoryError(
            concat("shared directory ", quote(shared_directory), ": ", error.what(), "; ", why));
    }
}

process::ExitStatus report_spawn_failure(const std::string& program, const std::error_code& error,
                                         std::string_view advice) {
    // clone(2) fails so, and not execve(2).
    const bool no_process = error.value() == EAGAIN || error.value() == ENOMEM;
    std::string why = no_process ? "a limit on processes or memory is reached, see ulimit -u, "
                                   "TasksMax= and podman's --pids-limit"
                                 : process::why_not_run(program, error.value());
    if (why.empty())
        why = advice;
    util::log(util::Severity::error, util::Topic::process, "cannot run ", util::quote(program),
              ": ", system::describe(error.value()), "; ", why);
    return process::ExitStatus::exited(process::spawn_failure_status(error));
}

void require_descriptors(std::size_t more) {
    // Sockets, files and watches, without the descriptors that are carried. What finds none free
    // later is tried again.
    const std::size_t fewest_files = 32 + more;
    const std::size_t limit = system::open_files_limit();
    if (limit < fewest_files)
        throw std::runtime_error(util::concat(
            "at most ", limit, " files may be open, and ", fewest_files,
            " are needed; raise ulimit -n, LimitNOFILE= or podman's --ulimit=nofile="));
}

void require_proc() {
    if (::access("/proc/self/fd", F_OK) < 0)
        throw std::runtime_error(
            "/proc is not there, and a container's files cannot be opened safely without it; mount "
            "it, in a unit by MountAPIVFS=yes and not among InaccessiblePaths=");
}

namespace {

/// What a unit forbids says no more than that there is no such family of addresses.
void require_sockets() {
    if (system::open_socket(AF_UNIX, SOCK_DGRAM).error() == system::error_of(EAFNOSUPPORT))
        throw std::runtime_error(
            "no socket of AF_UNIX can be made, and messages need them; name "
            "AF_UNIX in the unit's RestrictAddressFamilies=");
}

/// A standard descriptor that is closed at the start would become a file's, and lines for people
/// would be written into that. The command still gets none, and what `run` prints to one fails.
void occupy_standard_numbers() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(number, F_GETFD) < 0)
            static_cast<void>(
                ::open("/dev/null", (number == STDOUT_FILENO ? O_RDONLY : O_RDWR) | O_CLOEXEC));
}

}  // namespace

void run_beside_command(event::Loop& loop, process::Supervisor& supervisor) {
    try {
        loop.run();
    } catch (...) {
        supervisor.kill(SIGTERM);
        throw;
    }
}

int run_end_of_bridge(const cli::Usage& usage, const cli::Invocation& invocation,
                      const std::function<process::ExitStatus(const cli::Arguments&)>& run) {
    const cli::Arguments arguments = cli::parse(usage, invocation.arguments);
    if (cli::answered(arguments, usage, invocation))
        return 0;
    occupy_standard_numbers();
    cli::set_up_log(arguments);
    require_descriptors(0);
    require_sockets();
    process::exit_like(run(arguments));
}

}  // namespace notifybridge
