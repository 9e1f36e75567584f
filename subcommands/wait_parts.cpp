#include "wait_parts.hpp"

#include <unistd.h>

#include <thread>

#include "base/event/descriptor.hpp"
#include "base/process/flock.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "bridge.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/preparation.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/image_of_command.hpp"
#include "bridge/runtime/kill_command.hpp"
#include "bridge/status/absence.hpp"
#include "bridge/status/start_check.hpp"

namespace notifybridge {
namespace {

using util::concat;

/// How long the lock of a `wait` that is gone may still be held, and how often it is tried.
constexpr std::chrono::milliseconds killed_wait_patience(1000);
constexpr std::chrono::milliseconds killed_wait_pause(10);

/// How long a run may take to be gone whose `wait` is.
constexpr std::chrono::milliseconds ending_run_patience(1000);

/// What its command line reads while an image comes in, and for how long more time is asked for.
struct PullFacts {
    std::uint64_t least_bytes;
    std::chrono::minutes longest;
};

PullFacts pull_facts(runtime::Manager manager) {
    switch (manager) {
        case runtime::Manager::podman:
            // It reads the image itself. One that hangs reads a dozen bytes a second.
            return {4096, std::chrono::minutes(60)};
        case runtime::Manager::docker:
            // dockerd tells it of each half megabyte, in some hundred bytes, and nothing else.
            return {100, std::chrono::minutes(60)};
        case runtime::Manager::nerdctl:
            // It asks containerd how far it is all the time, also of a pull that hangs.
            return {1, std::chrono::minutes(5)};
    }
    return {};
}

/// Of a directory without the file "host", as one of several containers' directories is.
std::string who_locks(system::Fd directory) {
    const auto holder = process::flock_holder(directory);
    return holder ? concat("locked by another process (pid ", *holder,
                           "), as by a wait that begins or has --member; stop it")
                  : "locked by another process, as by a wait that begins or has --member; find it "
                    "with `lslocks`";
}

/// How the container is started.
status::StartCommand start_of(const WaitSettings& settings) {
    return status::read_container_command(settings.command, settings.wrap_options.has_value());
}

}  // namespace

system::UniqueFd open_shared_directory(const std::string& path,
                                       std::optional<system::Owner> owner) {
    system::UniqueFd directory = channel::open_for_host(path, owner);
    if (system::take_directory_lock(directory)) {
        channel::clear_obstacles(directory, path);
        return directory;
    }
    channel::HostFileReader host(directory);
    const auto other = host.refresh() ? host.read() : std::nullopt;
    // One that was killed may not be gone yet, or has left the lock to the child that is about to
    // execute its command, and drops it then.
    for (auto left = killed_wait_patience; other && left.count() > 0; left -= killed_wait_pause) {
        std::this_thread::sleep_for(killed_wait_pause);
        if (system::take_directory_lock(directory)) {
            channel::clear_obstacles(directory, path);
            return directory;
        }
    }
    throw channel::DirectoryError(
        concat("shared directory ", util::quote(path), ": ",
               other ? concat("in use by another wait (pid ", other->facts.pid, "); stop it")
                     : who_locks(directory),
               ", or give this one a directory of its own with --shared-dir"));
}

std::vector<wait::Member> open_members(const WaitSettings& settings, system::Fd directory) {
    std::vector<wait::Member> members;
    if (settings.members.empty())
        members.push_back({"", settings.shared_directory, event::duplicate(directory)});
    for (const std::string& name : settings.members) {
        const std::string path = concat(settings.shared_directory, '/', name);
        members.push_back({name, path, open_shared_directory(path, settings.owner)});
    }
    return members;
}

void look_for_leftover(wait::Members::Followed& followed) {
    wait::Leftover& leftover = followed.courier.leftover();
    leftover.look();
    if (!leftover.is_there())
        return;
    if (leftover.is_ours())
        leftover.claim();
    else if (!leftover.is_gone_within(ending_run_patience))
        throw channel::DirectoryError(
            concat("shared directory ", util::quote(followed.member.path),
                   ": in use by a run that no wait has started (wrap has pid ", leftover.pid(),
                   " in its pid namespace); stop it, attach to it by a wait without a command, or "
                   "give this one a directory of its own with --shared-dir"));
}

event::Awaitable<> end_leftovers(wait::Members& members, std::chrono::microseconds patience) {
    for (wait::Members::Followed& followed : members.all()) {
        wait::Leftover& leftover = followed.courier.leftover();
        if (!leftover.is_claimed())
            continue;
        const std::uint32_t pid = leftover.pid();
        util::log(util::Severity::warning, util::Topic::process,
                  "a run is there that an earlier wait has left behind (wrap has pid ", pid,
                  " in its pid namespace): it is ended first");
        if (co_await leftover.end(patience))
            continue;
        // podman's --replace and its kin can do more than we.
        if (!leftover.is_pid1())
            util::log(util::Severity::warning, util::Topic::process,
                      "the run that an earlier wait has left behind does not end, though it was "
                      "killed, as one of a container that is paused; the command is started all "
                      "the same, as --replace removes such a container");
        leftover.let_go();
    }
}

std::unique_ptr<wait::PullObserver> make_pull_observer(const WaitSettings& settings,
                                                       event::Loop& loop,
                                                       process::Supervisor& supervisor) {
    auto image = runtime::image_of_command(settings.command);
    if (!image || !settings.members.empty())
        return nullptr;
    const PullFacts facts = pull_facts(image->manager);
    wait::PullWatch::Options options;
    options.manager = util::base_name(settings.command.front());
    options.image = std::move(image->image);
    options.least_bytes = facts.least_bytes;
    options.longest = facts.longest;
    options.extends = settings.extends;
    return std::make_unique<wait::PullObserver>(loop, supervisor, std::move(image->question),
                                                std::move(options));
}

bool shares_output(const WaitSettings& settings) {
    const auto command = runtime::find_manager_command(settings.command);
    const auto is_attached = [&] {
        return settings.command[command->verb] == "run" && !command->is_detached
               && !command->chooses_streams;
    };
    return command && command->manager == runtime::Manager::podman && is_attached()
           && settings.members.empty() && !::isatty(STDOUT_FILENO) && !::isatty(STDERR_FILENO);
}

bool can_kill_container(const WaitSettings& settings) {
    return settings.members.empty() && runtime::kill_command(settings.command);
}

std::unique_ptr<wait::ContainerKiller> make_container_killer(
    const WaitSettings& settings, process::Supervisor& supervisor,
    const process::Environment& environment) {
    if (!can_kill_container(settings))
        return nullptr;
    const auto words = [&settings] {
        return runtime::words_of(*runtime::kill_command(settings.command));
    };
    return std::make_unique<wait::ContainerKiller>(
        supervisor, std::string(util::base_name(settings.command.front())), words, environment);
}

void warn_of_words(const WaitSettings& settings) {
    status::Findings found;
    status::check_words(found, start_of(settings), ::geteuid());
    for (const status::Finding& finding : found.all())
        util::log(util::Severity::warning, util::Topic::process, finding.text, "; ",
                  finding.advice);
}

std::string why_no_wrap(const WaitSettings& settings, const wait::Members& members,
                        std::optional<process::ExitStatus> end) {
    status::StartCommand command = start_of(settings);
    command.docker_is_set =
        runtime::docker_is_configured(system::text_of(runtime::docker_settings));
    for (const wait::Members::Followed& followed : members.all())
        if (followed.courier.phase() == wait::RunPhase::none)
            return status::why_no_wrap(settings.command.empty() ? nullptr : &command,
                                       followed.member.path, end);
    return {};
}

std::string last_status(const wait::Members& members) {
    std::string all;
    for (const wait::Members::Followed& followed : members.all()) {
        const std::string& status = followed.courier.forwarder().last_status();
        if (!status.empty())
            all += concat(all.empty() ? "the last status was " : ", ",
                          followed.member.name.empty() ? "" : followed.member.name + ": ",
                          util::quote(status));
    }
    return all;
}

}  // namespace notifybridge
