#include "bridge/runtime/health_options.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>

#include "base/util/concat.hpp"
#include "base/util/literal.hpp"
#include "base/util/time_span.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;

/// An option of a container manager.
struct Row {
    util::Literal name;
    enum class Use {
        command,
        setting,  ///< `wrap` has an option for the same setting.
        off,
        action,
        ignored,
        /// The setting is about the results that podman records. podman records nothing if `wrap`
        /// runs the check.
        record,
    } use;
    util::Literal name_of_wrap = {};  ///< The option's name in `wrap`, if the names differ.
};

constexpr auto rows = std::to_array<Row>({
    {"--health-cmd", Row::Use::command},
    {"--healthcheck-command", Row::Use::command},
    {"--health-interval", Row::Use::setting},
    {"--healthcheck-interval", Row::Use::setting, "--health-interval"},
    {"--health-retries", Row::Use::setting},
    {"--healthcheck-retries", Row::Use::setting, "--health-retries"},
    {"--health-start-period", Row::Use::setting},
    {"--healthcheck-start-period", Row::Use::setting, "--health-start-period"},
    {"--health-timeout", Row::Use::setting},
    {"--healthcheck-timeout", Row::Use::setting, "--health-timeout"},
    {"--health-start-interval", Row::Use::setting},
    {"--no-healthcheck", Row::Use::off},
    {"--health-on-failure", Row::Use::action},
    {"--health-startup-cmd", Row::Use::ignored},
    {"--health-startup-interval", Row::Use::ignored},
    {"--health-startup-retries", Row::Use::ignored},
    {"--health-startup-success", Row::Use::ignored},
    {"--health-startup-timeout", Row::Use::ignored},
    {"--health-log-destination", Row::Use::record},
    {"--health-max-log-count", Row::Use::record},
    {"--health-max-log-size", Row::Use::record},
});

constexpr std::string_view sdnotify = "--sdnotify";

const Row* find_row(std::string_view name) {
    const auto* const row = std::ranges::find(rows, name, &Row::name);
    return row == rows.end() ? nullptr : row;
}

/// Returns whether podman reads the command as "none", in upper or lower case.
bool is_none(std::string_view command) {
    constexpr std::string_view none = "NONE";
    return std::ranges::equal(util::strip(command), none, [](unsigned char left, char right) {
        return std::toupper(left) == right;
    });
}

/// Returns the value of --health-cmd for `wrap`. podman also accepts an array, and CMD or a similar
/// word before a command line. In other managers, the value is always a command line for the shell.
std::string command_for_wrap(const Manager& manager, std::string_view command) {
    return manager.has_plain_health ? json::serialize(json::array{"CMD-SHELL", command})
                                    : std::string(command);
}

/// Returns whether a value means the image's own setting or the default. In docker, 0 is such a
/// value. podman refuses 0, or runs no checks if --health-interval=0 is given.
bool is_default(const Manager& manager, std::string_view value) {
    const auto span = util::parse_time_span(value);
    return manager.has_plain_health && span && span->count() == 0;
}

void read_option(HealthOptions& found, const Row& row, const RunOption& option,
                 const Manager& manager) {
    const std::string_view name = row.name_of_wrap.empty() ? row.name : row.name_of_wrap;
    switch (row.use) {
        case Row::Use::command:
            found.is_off = !manager.has_plain_health && is_none(option.value);
            // Managers read an empty command as the image's command.
            found.has_command = !option.value.empty() && !found.is_off;
            if (found.has_command)
                found.words.push_back(
                    concat("--health-cmd=", command_for_wrap(manager, option.value)));
            break;
        case Row::Use::setting:
            if (!is_default(manager, option.value))
                found.words.push_back(concat(name, '=', option.value));
            break;
        case Row::Use::off:
            // `read_health_options` reads this option, which has priority wherever it is given.
            break;
        case Row::Use::action:
            found.has_action = option.value != "none";
            break;
        case Row::Use::ignored:
            found.ignored.push_back(row.name);
            break;
        case Row::Use::record:
            break;
    }
}

}  // namespace

HealthOptions read_health_options(std::span<const std::string> command,
                                  const ManagerCommand& places) {
    HealthOptions found;
    const RunOptions options = read_run_options(command, places.verb + 1);
    for (const RunOption& option : options.all)
        if (const Row* const row = find_row(option.name))
            read_option(found, *row, option, *places.manager);
        else if (option.name.starts_with("--health"))
            found.unknown.push_back(option.name);
    if (options.find(no_health_check).value_or("false") != "false") {
        found.is_off = true;
        found.has_command = false;
    }
    // podman refuses 0 retries only if its command line has the check. `wrap` always refuses them.
    if (!found.has_command)
        std::erase(found.words, "--health-retries=0");
    return found;
}

std::vector<std::string> without_health_options(std::span<const std::string> command,
                                                const ManagerCommand& places) {
    std::vector<std::string> rest;
    std::size_t at = 0;
    const RunOptions options = read_run_options(command, places.verb + 1);
    const bool needs_check = options.find(sdnotify) == "healthy";
    for (const RunOption& option : options.all) {
        if (!find_row(option.name) && !(needs_check && option.name == sdnotify))
            continue;
        rest.insert(rest.end(), command.begin() + static_cast<std::ptrdiff_t>(at),
                    command.begin() + static_cast<std::ptrdiff_t>(option.begin));
        at = option.end;
    }
    rest.insert(rest.end(), command.begin() + static_cast<std::ptrdiff_t>(at), command.end());
    return rest;
}

}  // namespace notifybridge::runtime
