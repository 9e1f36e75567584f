#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace {

using std::chrono::microseconds;
using util::concat;

/// Returns the result of `parse` for an option's value. Returns nullopt if the option is not given.
template <typename Parse>
auto parsed(const cli::Arguments& arguments, std::string_view option, Parse parse)
    -> std::optional<decltype(parse(std::string()))> {
    const auto text = arguments.value(option);
    if (!text)
        return std::nullopt;
    try {
        return parse(*text);
    } catch (const probe::HealthError& error) {
        throw cli::UsageError(concat("--", option, "=", error.what()));
    }
}

/// Replaces `setting` if an option is given. As with docker, 0 means the default.
template <typename Setting, typename Parse>
void take(Setting& setting, const cli::Arguments& arguments, std::string_view option, Parse parse) {
    const auto value = parsed(arguments, option, parse);
    if (value && *value != Setting{})
        setting = *value;
}

/// Returns whether --health and --no-healthcheck let `wrap` run the check.
bool is_used(const cli::Arguments& arguments) {
    const std::string how = arguments.value("health").value_or("use");
    if (how != "use" && how != "ignore" && how != "both")
        throw cli::UsageError(
            concat("--health=", util::quote(how), " is not known; give use, ignore or both"));
    return how != "ignore" && !arguments.has("no-healthcheck");
}

}  // namespace

std::optional<probe::HealthSettings> read_health_settings(const cli::Arguments& arguments) {
    probe::HealthSettings settings;
    std::vector<std::string> shell(std::begin(probe::usual_health_shell),
                                   std::end(probe::usual_health_shell));
    take(shell, arguments, "health-shell", probe::parse_health_shell);
    const auto command = parsed(arguments, "health-cmd", [&](const std::string& text) {
        return probe::parse_health_command(text, shell);
    });
    const auto interval = parsed(arguments, "health-interval", probe::parse_health_interval);
    settings.interval = interval.value_or(settings.interval);
    settings.start_interval = std::min(settings.start_interval, settings.interval);
    take(settings.timeout, arguments, "health-timeout", probe::parse_health_span);
    take(settings.start_period, arguments, "health-start-period", probe::parse_health_span);
    take(settings.start_interval, arguments, "health-start-interval", probe::parse_health_span);
    take(settings.retries, arguments, "health-retries", probe::parse_health_retries);
    if (!is_used(arguments) || !command || command->empty() || settings.interval.count() == 0)
        return std::nullopt;
    settings.command = *command;
    return settings;
}

}  // namespace notifybridge
