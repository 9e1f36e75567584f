#include "bridge/wait/container_command.hpp"

#include <unistd.h>

#include <system_error>

#include "base/cli/settings.hpp"
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

/// Returns whether podman has already removed the container. This saves a process of podman at each
/// stop.
bool is_removed(const Settings& settings, const std::string& id) {
    const auto command = runtime::find_manager_command(settings.command);
    return command && command->manager->images == runtime::Manager::Images::storage && !id.empty()
           && runtime::has_podman_removed(*command, id, cli::variable_or_empty);
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
    if (request == Request::discard && command.has_ignore)
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
        if (request == ContainerKiller::Request::discard && is_removed(settings, id))
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
