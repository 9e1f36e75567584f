#include "bridge/wait/opening.hpp"

#include <thread>

#include "base/event/descriptor.hpp"
#include "base/process/flock.hpp"
#include "base/system/lock.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/preparation.hpp"

namespace notifybridge::wait {
namespace {

using util::concat;

/// How long a killed `wait` may keep its lock, and how often to retry.
constexpr std::chrono::milliseconds killed_wait_patience(1000);
constexpr std::chrono::milliseconds killed_wait_pause(10);

/// How long a run may take to end after its `wait` has gone.
constexpr std::chrono::milliseconds ending_run_patience(1000);

/// Returns a text that names the process that holds the lock. Call this if the directory has no
/// file "host", like the directory that contains the members' directories.
std::string who_locks(system::Fd directory) {
    const auto holder = process::flock_holder(directory);
    return holder
               ? concat("locked by another process (pid ", *holder,
                        "), perhaps by a wait that is starting or has --member; stop that process")
               : "locked by another process, perhaps by a wait that is starting or has "
                 "--member; find "
                 "it with `lslocks`";
}

/// Removes obstacles to the files of `wait`, and unfinished files of a killed `wait`.
void prepare(system::Fd directory, const std::string& path) {
    channel::clear_obstacles(directory, path);
    channel::remove_unfinished(directory, {channel::host_name, channel::token_name});
}

}  // namespace

system::UniqueFd open_shared_directory(const std::string& path,
                                       std::optional<system::Owner> owner) {
    system::UniqueFd directory = channel::open_for_host(path, owner);
    if (system::take_directory_lock(directory)) {
        prepare(directory, path);
        return directory;
    }
    channel::HostFileReader host(directory);
    const auto other = host.refresh() ? host.read() : std::nullopt;
    // A killed `wait` may still exist for a moment. Its child also has the lock until the child
    // executes the command.
    for (auto left = killed_wait_patience; other && left.count() > 0; left -= killed_wait_pause) {
        std::this_thread::sleep_for(killed_wait_pause);
        if (system::take_directory_lock(directory)) {
            prepare(directory, path);
            return directory;
        }
    }
    throw channel::DirectoryError(
        concat("shared directory ", util::quote(path), ": ",
               other ? concat("in use by another wait (pid ", other->facts.pid, "); stop it")
                     : who_locks(directory),
               ", or choose another directory (--shared-dir)"));
}

std::vector<Member> open_members(const Settings& settings, system::Fd directory) {
    std::vector<Member> members;
    if (settings.members.empty())
        members.push_back({"", settings.shared_directory, event::duplicate(directory)});
    for (const std::string& name : settings.members) {
        const std::string path = concat(settings.shared_directory, '/', name);
        members.push_back({name, path, open_shared_directory(path, settings.owner)});
    }
    return members;
}

void claim_leftover(Members::Followed& followed) {
    Leftover& leftover = followed.courier.leftover();
    leftover.look();
    if (!leftover.is_there())
        return;
    if (leftover.is_ours())
        leftover.claim();
    else if (!leftover.is_gone_within(ending_run_patience))
        throw channel::DirectoryError(concat(
            "shared directory ", util::quote(followed.member.path),
            ": in use by a run that was not started by `wait` (wrap has pid ", leftover.pid(),
            " in its pid namespace); stop the run, attach to it (`wait` without a command), or "
            "choose another directory (--shared-dir)"));
}

event::Awaitable<> end_leftover_runs(Members& members, std::chrono::microseconds patience) {
    for (Members::Followed& followed : members.all()) {
        Leftover& leftover = followed.courier.leftover();
        if (!leftover.is_claimed())
            continue;
        const std::uint32_t pid = leftover.pid();
        util::log(util::Severity::warning, util::Topic::process,
                  "stopping the run that an earlier wait left behind (wrap has pid ", pid,
                  " in its pid namespace)");
        if (co_await leftover.end(patience))
            continue;
        // `wrap` cannot kill a command that is PID 1, so do not warn about such a run.
        if (!leftover.is_pid1())
            util::log(
                util::Severity::warning, util::Topic::process,
                "the run that an earlier wait left behind does not end, although it was killed "
                "(is its container paused?); starting the command anyway (with podman, "
                "--replace can remove the container)");
        leftover.let_go();
    }
}

}  // namespace notifybridge::wait
