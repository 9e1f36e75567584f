#include "bridge/wait/container_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <thread>

#include "base/cli/settings.hpp"
#include "base/process/proc.hpp"
#include "base/util/base_name.hpp"
#include "base/util/log.hpp"
#include "bridge/diagnosis/start_check.hpp"
#include "bridge/runtime/ask_manager.hpp"
#include "bridge/runtime/image_of_command.hpp"
#include "bridge/runtime/kill_command.hpp"
#include "bridge/runtime/podman_images.hpp"

namespace notifybridge::wait {
namespace {

/// The time after which a pull or a creation is not watched any more.
constexpr std::chrono::minutes longest_pull(60);

/// How long podman's monitor may take to remove an ended container on a busy machine.
constexpr std::chrono::seconds longest_removal(10);
constexpr std::chrono::milliseconds remover_interval(10);

/// Returns the time after which the container manager kills the container in a stop. A manager
/// takes no infinite time, so that takes a day.
std::chrono::seconds::rep seconds_to_stop(std::chrono::microseconds timeout) {
    const std::chrono::microseconds longest = std::chrono::hours(24);
    return std::chrono::ceil<std::chrono::seconds>(std::min(timeout, longest)).count();
}

/// Returns the full id of the container. Returns an empty text if there is no such container. Runs
/// in the process of the container killer.
std::string find_container(const runtime::KillCommand& command) {
    if (!command.cidfile.empty())
        return runtime::id_in_cidfile(command.cidfile);
    try {
        const auto answer = runtime::ask_manager(runtime::words_of_list(command));
        return answer.status && answer.status->success()
                   ? runtime::id_in_list(answer.output, command.name)
                   : std::string();
    } catch (const std::system_error&) {
        return {};
    }
}

/// Returns whether podman has already removed the container.
bool is_removed(const Settings& settings, const std::string& id) {
    const auto command = runtime::find_manager_command(settings.command);
    return command && command->manager->images == runtime::Manager::Images::storage
           && runtime::has_podman_removed(*command, id, cli::variable_or_empty);
}

/// Finds the process that removes the ended container: podman's monitor, whose arguments contain
/// the command that it starts for this, or that command (`podman container cleanup --rm ID`).
/// Returns nullopt if there is none.
std::optional<pid_t> find_remover(const std::string& id) {
    for (const pid_t pid : process::numbers_in("/proc")) {
        const std::vector<std::string> words = process::command_line(pid);
        if (std::ranges::find(words, id) != words.end()
            && std::ranges::find(words, "cleanup") != words.end())
            return pid;
    }
    return std::nullopt;
}

/// Waits while podman's monitor removes the ended container. Returns whether the container is
/// removed. This saves a process of podman at each stop. That process would also end too early:
/// while the monitor removes the container, `podman rm` returns before the name is free. Runs in
/// the process of the container killer.
bool await_removal(const Settings& settings, const std::string& id) {
    const auto until = std::chrono::steady_clock::now() + longest_removal;
    if (is_removed(settings, id))
        return true;
    auto remover = find_remover(id);
    while (remover && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(remover_interval);
        if (process::is_ending(*remover))
            remover = find_remover(id);
    }
    return is_removed(settings, id);
}

/// Returns whether the container is removed, so that the manager has nothing to do.
bool is_done(ContainerKiller::Request request, const Settings& settings, const std::string& id) {
    return (request == ContainerKiller::Request::discard && is_removed(settings, id))
           || (request == ContainerKiller::Request::remove && await_removal(settings, id));
}

/// Returns the command line for a request about the container with this id. Runs in the process of
/// the container killer.
std::vector<std::string> words_of(ContainerKiller::Request request,
                                  const runtime::KillCommand& command, const std::string& id,
                                  std::chrono::microseconds stop_timeout) {
    using Request = ContainerKiller::Request;
    if (id.empty())
        return {};
    std::vector<std::string> words = command.manager;
    const auto add = [&](std::initializer_list<std::string> more) {
        words.insert(words.end(), more);
    };
    const std::string seconds = util::concat(seconds_to_stop(stop_timeout));
    if (request == Request::kill)
        add({"kill"});
    else if (request == Request::stop)
        add({"stop", "-t", seconds});
    else if (command.removes)
        add({"rm", "--force"});
    else
        add({"stop", "-t", "0"});
    // The container may already have been removed at its end.
    if ((request == Request::discard || request == Request::remove) && command.has_ignore)
        add({"--ignore"});
    add({id});
    return words;
}

}  // namespace

std::optional<Pull> pull_of(const Settings& settings) {
    auto image = runtime::image_of_command(settings.command);
    if (!image || !settings.members.empty())
        return std::nullopt;
    PullWatch::Options options;
    options.manager = util::base_name(settings.command.front());
    options.image = image->image;
    options.least_bytes = image->command.manager->least_bytes;
    options.longest = longest_pull;
    options.extends = settings.extends;
    options.has_wrap = settings.wrap_options.has_value();
    return Pull{std::move(*image), std::move(options)};
}

std::unique_ptr<PullObserver> make_pull_observer(const Settings& settings, event::Loop& loop,
                                                 process::Supervisor& supervisor) {
    auto pull = pull_of(settings);
    if (!pull)
        return nullptr;
    return std::make_unique<PullObserver>(loop, supervisor,
                                          make_image_lookup(loop, std::move(pull->image)),
                                          std::move(pull->options));
}

bool shares_output(const Settings& settings) {
    const auto command = runtime::find_manager_command(settings.command);
    const auto is_attached = [&] {
        return settings.command[command->verb] == "run" && !command->is_detached
               && !command->chooses_streams;
    };
    return command && command->manager->has_monitor && is_attached() && settings.members.empty()
           && !::isatty(STDOUT_FILENO) && !::isatty(STDERR_FILENO);
}

const runtime::Manager* manager_of(const Settings& settings) {
    const auto command = runtime::find_manager_command(settings.command);
    return command && settings.members.empty() ? command->manager : nullptr;
}

bool starts_once(const Settings& settings) {
    const auto command = runtime::find_manager_command(settings.command);
    if (!command || !settings.members.empty() || settings.command[command->verb] != "run")
        return false;
    return !command->manager->follows_restarts || command->restart.empty()
           || command->restart == "no";
}

bool can_kill_container(const Settings& settings) {
    return settings.members.empty() && runtime::kill_command(settings.command);
}

bool can_discard_container(const Settings& settings) {
    const auto command =
        can_kill_container(settings) ? runtime::kill_command(settings.command) : std::nullopt;
    return command && !command->cidfile.empty() && ::access(command->cidfile.c_str(), F_OK) < 0;
}

bool awaits_container_id(const Settings& settings) {
    const auto command = runtime::kill_command(settings.command);
    return command && !command->cidfile.empty() && runtime::id_in_cidfile(command->cidfile).empty();
}

bool removes_container(const Settings& settings) {
    const auto command = runtime::kill_command(settings.command);
    return command && command->removes;
}

std::unique_ptr<ContainerKiller> make_container_killer(const Settings& settings,
                                                       process::Supervisor& supervisor,
                                                       const process::Environment& environment) {
    if (!can_kill_container(settings))
        return nullptr;
    const auto words = [&settings](ContainerKiller::Request request) {
        const runtime::KillCommand command = *runtime::kill_command(settings.command);
        const std::string id = find_container(command);
        if (!id.empty() && is_done(request, settings, id))
            return std::vector<std::string>();
        return words_of(request, command, id, settings.stop_timeout);
    };
    return std::make_unique<ContainerKiller>(
        supervisor, std::string(util::base_name(settings.command.front())), words, environment);
}

void warn_of_words(const Settings& settings) {
    diagnosis::Findings found;
    diagnosis::check_words(
        found,
        diagnosis::read_container_command(settings.command, settings.wrap_options.has_value()),
        ::geteuid());
    for (const diagnosis::Finding& finding : found.all())
        util::log(util::Severity::warning, util::Topic::process, finding.text, "; ",
                  finding.advice);
}

}  // namespace notifybridge::wait
