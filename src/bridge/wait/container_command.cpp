#include "bridge/wait/container_command.hpp"

#include <unistd.h>

#include "base/util/base_name.hpp"
#include "base/util/log.hpp"
#include "bridge/runtime/image_of_command.hpp"
#include "bridge/runtime/kill_command.hpp"
#include "bridge/status/start_check.hpp"

namespace notifybridge::wait {
namespace {

/// The limits for observing how a container manager's client reads while it pulls an image.
struct PullFacts {
    /// The number of bytes that a client must read between two checks to prove that data arrives.
    std::uint64_t least_bytes;
    std::chrono::minutes longest;  ///< The time after which no more time is requested.
};

PullFacts pull_facts(runtime::Manager manager) {
    switch (manager) {
        case runtime::Manager::podman:
            // podman reads the image itself. While a pull hangs, podman still reads about a dozen
            // bytes a second.
            return {4096, std::chrono::minutes(60)};
        case runtime::Manager::docker:
            // docker's client reads a few hundred bytes for each half megabyte, and nothing else.
            return {100, std::chrono::minutes(60)};
        case runtime::Manager::nerdctl:
            // nerdctl asks containerd for the progress all the time, even while a pull hangs.
            return {1, std::chrono::minutes(5)};
    }
    return {};
}

/// Returns the time after which the container manager kills the container in a stop. A manager
/// takes no infinite time, so that takes a day.
std::chrono::seconds::rep seconds_to_stop(std::chrono::microseconds timeout) {
    const std::chrono::microseconds longest = std::chrono::hours(24);
    return std::chrono::ceil<std::chrono::seconds>(std::min(timeout, longest)).count();
}

}  // namespace

std::optional<Pull> pull_of(const Settings& settings) {
    auto image = runtime::image_of_command(settings.command);
    if (!image || !settings.members.empty())
        return std::nullopt;
    const PullFacts facts = pull_facts(image->manager);
    Pull pull;
    pull.question = std::move(image->question);
    pull.options.manager = util::base_name(settings.command.front());
    pull.options.image = std::move(image->image);
    pull.options.least_bytes = facts.least_bytes;
    pull.options.longest = facts.longest;
    pull.options.extends = settings.extends;
    return pull;
}

std::unique_ptr<PullObserver> make_pull_observer(const Settings& settings, event::Loop& loop,
                                                 process::Supervisor& supervisor) {
    auto pull = pull_of(settings);
    return pull ? std::make_unique<PullObserver>(loop, supervisor, std::move(pull->question),
                                                 std::move(pull->options))
                : nullptr;
}

bool shares_output(const Settings& settings) {
    const auto command = runtime::find_manager_command(settings.command);
    const auto is_attached = [&] {
        return settings.command[command->verb] == "run" && !command->is_detached
               && !command->chooses_streams;
    };
    return command && command->manager == runtime::Manager::podman && is_attached()
           && settings.members.empty() && !::isatty(STDOUT_FILENO) && !::isatty(STDERR_FILENO);
}

std::optional<runtime::Manager> manager_of(const Settings& settings) {
    const auto command = runtime::find_manager_command(settings.command);
    if (!command || !settings.members.empty())
        return std::nullopt;
    return command->manager;
}

bool can_kill_container(const Settings& settings) {
    return settings.members.empty() && runtime::kill_command(settings.command);
}

std::unique_ptr<ContainerKiller> make_container_killer(const Settings& settings,
                                                       process::Supervisor& supervisor,
                                                       const process::Environment& environment) {
    if (!can_kill_container(settings))
        return nullptr;
    const auto words = [&settings](ContainerKiller::Request request) {
        runtime::KillCommand command = *runtime::kill_command(settings.command);
        if (request == ContainerKiller::Request::stop) {
            command.words.back() = "stop";
            command.words.insert(command.words.end(),
                                 {"-t", util::concat(seconds_to_stop(settings.stop_timeout))});
        }
        return runtime::words_of(command);
    };
    return std::make_unique<ContainerKiller>(
        supervisor, std::string(util::base_name(settings.command.front())), words, environment);
}

void warn_of_words(const Settings& settings) {
    status::Findings found;
    status::check_words(
        found, status::read_container_command(settings.command, settings.wrap_options.has_value()),
        ::geteuid());
    for (const status::Finding& finding : found.all())
        util::log(util::Severity::warning, util::Topic::process, finding.text, "; ",
                  finding.advice);
}

}  // namespace notifybridge::wait
