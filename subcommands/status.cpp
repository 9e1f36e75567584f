#include <algorithm>
#include <array>

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/status/request.hpp"
#include "subcommands.hpp"

namespace notifybridge {
namespace {

using status::Mode;
using util::concat;

constexpr auto status_options = std::to_array<cli::Option>({
    {"check", 0, "", "show why the unit failed or sends no messages, and what to do"},
    {"all", 'a', "", "show all bridges of this machine; as root, those of all users"},
    {"user", 0, "", "find the unit among those of your own service manager (systemctl --user)"},
    {"json", 0, "", "print a JSON object, for programs"},
    {"prometheus", 0, "", "print metrics for the textfile collector of node_exporter"},
    {"watch", 'w', "", "show the state again when it changes, until SIGINT"},
    {"follow", 'f', "", "show each message and whether it passes by default, until the run ends"},
    {"ready", 0, "", "print nothing; exit with 0 if the app is ready"},
    {"alive", 0, "", "print nothing; exit with 0 if the run is active"},
    {"shared-dir", 'd', "PATH",
     "show this shared directory or unit (SHARED_DIR; default: /shared if it has a run; otherwise "
     "all bridges, or else /tmp/container-notify)"},
    cli::help_option,
    cli::version_option,
});

constexpr cli::Usage status_usage = {
    "status",
    "[OPTIONS] [SHARED_DIR|UNIT]",
    "Shows the state of a unit or a shared directory, and what is wrong with it.",
    status_options,
    "If the directory belongs to several containers (`wait --member`), all are shown.\n\n"
    "Examples:\n"
    "  notifybridge status redis\n"
    "  notifybridge status --check redis\n\n"
    "Example, as a health check in a container:\n"
    "  notifybridge status --ready\n\n"
    "Exit status: 0 if the run is active (--ready: and ready; --check: and nothing is wrong).\n"
    "3 otherwise. 4 if the directory does not exist, or has no readable run. 2 for an error of\n"
    "`status` itself. For several containers: the highest. --prometheus: 0 if anything can be\n"
    "read.",
};

Mode read_mode(const cli::Arguments& arguments) {
    struct Choice {
        std::string_view option;
        Mode mode;
    };
    constexpr auto choices = std::to_array<Choice>({{"json", Mode::json},
                                                    {"prometheus", Mode::prometheus},
                                                    {"watch", Mode::watch},
                                                    {"follow", Mode::follow},
                                                    {"check", Mode::check},
                                                    {"ready", Mode::ready},
                                                    {"alive", Mode::alive}});
    const Choice* chosen = nullptr;
    for (const Choice& choice : choices) {
        if (!arguments.has(choice.option))
            continue;
        if (chosen)
            throw cli::UsageError(concat("--", chosen->option, " and --", choice.option,
                                         " cannot be combined; remove one of them"));
        chosen = &choice;
    }
    return chosen ? chosen->mode : Mode::table;
}

std::optional<std::string> read_status_path(const cli::Arguments& arguments) {
    const auto& operands = arguments.operands();
    if (arguments.has("all") && (!operands.empty() || arguments.has("shared-dir")))
        throw cli::UsageError("--all cannot be combined with a directory; remove one of them");
    const std::size_t most_operands = arguments.has("shared-dir") ? 0 : 1;
    if (operands.size() > most_operands) {
        // Users type "status check redis" because systemctl's verbs have no dashes.
        const bool is_option = std::ranges::any_of(
            status_options, [&](auto& option) { return option.name == operands.front(); });
        if (is_option)
            throw cli::UsageError(concat(util::quote(operands.front()),
                                         " is not a directory or unit; did you mean --",
                                         operands.front(), '?'));
        throw cli::UsageError(
            concat(util::quote(operands[most_operands]),
                   " is one argument too many: give one directory or unit, after the options"));
    }
    if (!operands.empty() && operands.front().empty())
        throw cli::UsageError(
            "the argument is empty; give a directory or a unit, or remove the argument to use "
            "SHARED_DIR");
    if (!operands.empty())
        return operands.front();
    if (auto path = arguments.value("shared-dir"))
        return path;
    return cli::variable("SHARED_DIR");
}

int run_status(const cli::Invocation& invocation) {
    const cli::Arguments arguments = cli::parse(status_usage, invocation.arguments);
    if (cli::answered(arguments, status_usage, invocation))
        return 0;
    status::Request request;
    request.mode = read_mode(arguments);
    request.asks_for_all = arguments.has("all");
    request.path = read_status_path(arguments);
    request.is_of_user = arguments.has("user");
    if (request.is_of_user && !request.path)
        throw cli::UsageError("--user needs the name of a unit: notifybridge status --user redis");
    request.invoked_as = invocation.invoked_as;
    return status::answer(request);
}

}  // namespace

const cli::Subcommand status_subcommand = {status_usage, {""}, run_status, status::status_failure};

}  // namespace notifybridge
