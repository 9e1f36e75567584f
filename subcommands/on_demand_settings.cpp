#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {

using util::concat;

std::vector<proxy::Specification> read_proxies(const cli::Arguments& arguments) {
    std::vector<proxy::Specification> proxies;
    try {
        for (const std::string& text : arguments.values("proxy"))
            proxies.push_back(proxy::parse_specification(text));
        proxy::check_names(proxies);
    } catch (const proxy::SpecificationError& error) {
        throw cli::UsageError(concat("--proxy=", error.what()));
    }
    return proxies;
}

namespace {

std::optional<std::uint64_t> read_most_connections(const cli::Arguments& arguments) {
    const auto text = arguments.value("proxy-connections");
    if (!text)
        return std::nullopt;
    const auto number = util::parse_number<std::uint64_t>(*text);
    if (!number || *number == 0)
        throw cli::UsageError(concat("--proxy-connections=", util::quote(*text),
                                     " is not a number of connections; give 1 or more"));
    return number;
}

}  // namespace

wrap::OnDemand::Options read_on_demand_settings(const cli::Arguments& arguments) {
    wrap::OnDemand::Options settings;
    settings.proxies = read_proxies(arguments);
    if (settings.proxies.empty())
        for (const std::string_view option : {"idle-timeout", "proxy-connections", "stop-timeout"})
            if (arguments.has(option))
                throw cli::UsageError(concat("--", option, " has no effect without --proxy"));
    for (const proxy::Specification& each : settings.proxies)
        if (each.own && arguments.has("idle-timeout"))
            throw cli::UsageError(concat(
                "--idle-timeout has no effect with --proxy=", each.text,
                ": nobody would listen at ", each.own->text,
                " after the end; write a .socket unit, and remove the address from --proxy"));
    settings.proxy.idle_timeout =
        positive_span(arguments, "idle-timeout").value_or(settings.proxy.idle_timeout);
    settings.proxy.most_connections = read_most_connections(arguments);
    settings.stop_timeout =
        cli::time_span_option(arguments, "stop-timeout").value_or(settings.stop_timeout);
    return settings;
}

}  // namespace notifybridge
