#include <algorithm>
#include <set>

#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/utf8.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace {

using probe::Purpose;
using probe::Specification;
using util::concat;

constexpr std::size_t longest_status = 512;

[[noreturn]] void refuse(std::string_view option, std::string_view reason) {
    throw cli::UsageError(concat("--", option, "=", reason));
}

std::vector<Specification> probes_of(const cli::Arguments& arguments, std::string_view option,
                                     Purpose purpose) {
    std::vector<Specification> found;
    std::set<int> descriptors;
    for (const std::string& text : arguments.values(option)) {
        try {
            found.push_back(probe::parse_specification(text, purpose));
        } catch (const probe::SpecificationError& error) {
            refuse(option, error.what());
        }
        const auto* const descriptor = std::get_if<probe::DescriptorTarget>(&found.back().target);
        if (descriptor && !descriptors.insert(descriptor->number).second)
            refuse(option, concat(util::quote(text), " is given twice"));
    }
    return found;
}

unsigned failures_of(const cli::Arguments& arguments) {
    const auto text = arguments.value("alive-failures");
    if (!text)
        return 1;
    const auto number = util::parse_number<unsigned>(*text);
    if (!number || *number == 0)
        refuse("alive-failures",
               concat(util::quote(*text), " is not a number of checks; give 1 or more"));
    return *number;
}

std::optional<std::string> ready_status_of(const cli::Arguments& arguments) {
    auto status = arguments.value("ready-status");
    if (status
        && (!util::is_utf8(*status) || status->size() > longest_status
            || status->find('\n') != status->npos))
        refuse("ready-status",
               concat(util::quote(*status), " is not a status; give one line of UTF-8 of at most ",
                      longest_status, " bytes"));
    return status;
}

/// Refuses options that have no effect without another option.
void check_companions(const cli::Arguments& arguments) {
    struct Pair {
        std::string_view option;
        std::string_view companion;
    };
    for (const auto& [option, companion] :
         {Pair{"alive-failures", "alive-when"}, Pair{"alive-interval", "alive-when"},
          Pair{"on-dead", "alive-when"}})
        if (arguments.has(option) && !arguments.has(companion))
            throw cli::UsageError(concat("--", option, " has no effect without --", companion,
                                         "; add --", companion, "=PROBE, or remove --", option));
}

/// Returns the ports of --published. Returns no ports if the option is not given.
probe::Ports published_ports_of(const cli::Arguments& arguments) {
    const auto text = arguments.value("published");
    if (!text)
        return {};
    auto ports = probe::parse_ports(*text);
    if (!ports)
        refuse("published", concat(util::quote(*text),
                                   " is not a list of ports; give numbers from 1 to 65535, such as "
                                   "80,2000-2010"));
    return *std::move(ports);
}

/// Replaces `listen` without a port by the published ports, if they are known.
void name_ports(Specification& specification, const probe::Ports& ports) {
    auto* const target = std::get_if<probe::ListenTarget>(&specification.target);
    if (target && target->is_published)
        target->ports = ports;
}

std::vector<Specification> targets_of(const cli::Arguments& arguments) {
    std::vector<Specification> targets;
    for (proxy::Specification& specification : read_proxies(arguments))
        targets.push_back(std::move(specification.target));
    return targets;
}

/// Returns the probe "notify" if an option needs a probe, and nothing else determines readiness.
/// Without a probe, the app's own READY=1 counts.
std::vector<Specification> notifying(const cli::Arguments& arguments) {
    std::vector<Specification> found;
    for (const std::string_view option :
         {"ready-status", "ready-timeout", "ready-interval", "ready-extend"})
        if (found.empty() && arguments.has(option))
            found.push_back(probe::parse_specification("notify", Purpose::readiness));
    return found;
}

/// Makes the health check the condition of readiness and of liveness.
void use_health(wrap::Speaker::Options& settings) {
    settings.is_health_default = true;
    settings.ready_when = {probe::parse_specification("healthy", Purpose::readiness)};
    settings.alive_when = probe::parse_specification("healthy", Purpose::liveness);
}

/// Makes the published ports the condition of readiness and of liveness. The command's READY=1
/// counts, too.
void use_ports(wrap::Speaker::Options& settings, const probe::Ports& ports) {
    settings.is_listen_default = true;
    settings.ready_when = {probe::parse_specification("listen", Purpose::readiness)};
    settings.alive_when = probe::parse_specification("listen", Purpose::liveness);
    name_ports(settings.ready_when.front(), ports);
    name_ports(*settings.alive_when, ports);
}

/// Chooses the conditions of readiness and of liveness. If no option gives one, these are the first
/// that exist of: the health check, the targets of --proxy, the published ports.
void choose_conditions(wrap::Speaker::Options& settings, const cli::Arguments& arguments) {
    const probe::Ports ports = published_ports_of(arguments);
    settings.ready_when = probes_of(arguments, "ready-when", Purpose::readiness);
    for (Specification& specification : settings.ready_when)
        name_ports(specification, ports);
    auto alive_when = probes_of(arguments, "alive-when", Purpose::liveness);
    if (alive_when.size() > 1)
        throw cli::UsageError(
            "--alive-when is given twice; give it once, with an exec: probe for several checks");
    if (!alive_when.empty())
        name_ports(settings.alive_when.emplace(std::move(alive_when.front())), ports);
    const bool has_probe = !settings.ready_when.empty() || settings.alive_when;
    if (settings.health && !has_probe)
        use_health(settings);
    else if (settings.ready_when.empty() && !settings.targets.empty())
        settings.ready_when = settings.targets;
    else if (!ports.empty() && !has_probe)
        use_ports(settings, ports);
    else if (settings.ready_when.empty())
        settings.ready_when = notifying(arguments);
}

bool asks_http(const Specification& specification) {
    return std::holds_alternative<probe::HttpTarget>(specification.target);
}

void check_http_statuses(const wrap::Speaker::Options& settings) {
    if (!std::any_of(settings.ready_when.begin(), settings.ready_when.end(), asks_http)
        && !(settings.alive_when && asks_http(*settings.alive_when)))
        throw cli::UsageError(
            "--ready-http-status has no effect without an http:// probe in --ready-when or "
            "--alive-when; add such a probe, or remove --ready-http-status");
}

}  // namespace

std::optional<std::chrono::microseconds> positive_span(const cli::Arguments& arguments,
                                                       std::string_view option) {
    const auto span = cli::time_span_option(arguments, option);
    if (span && span->count() <= 0)
        refuse(option, "0 is not possible; give more than 0");
    return span;
}

wrap::Speaker::Options read_probe_settings(const cli::Arguments& arguments) {
    check_companions(arguments);
    wrap::Speaker::Options settings;
    settings.targets = targets_of(arguments);
    settings.health = read_health_settings(arguments);
    choose_conditions(settings, arguments);
    settings.readiness.has_clients = !settings.targets.empty() && !arguments.has("ready-when")
                                     && !arguments.has("ready-interval");
    if (const auto statuses = arguments.value("ready-http-status")) {
        try {
            settings.http_statuses = probe::parse_http_statuses(*statuses);
        } catch (const probe::SpecificationError& error) {
            refuse("ready-http-status", error.what());
        }
    }
    settings.ready_status = ready_status_of(arguments);
    settings.readiness.timeout =
        positive_span(arguments, "ready-timeout").value_or(settings.readiness.timeout);
    settings.readiness.interval =
        positive_span(arguments, "ready-interval").value_or(settings.readiness.interval);
    settings.ready_extend = positive_span(arguments, "ready-extend");
    if (arguments.has("ready-http-status"))
        check_http_statuses(settings);
    settings.liveness.failures = failures_of(arguments);
    settings.liveness.interval = positive_span(arguments, "alive-interval");
    settings.on_ready = arguments.value("on-ready");
    settings.on_stopping = arguments.value("on-stopping");
    settings.on_dead = arguments.value("on-dead");
    return settings;
}

}  // namespace notifybridge
