#include "bridge/diagnosis/probe_faults.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/tags.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/cause.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// The parts of a probe with an address: "tcp:", "127.0.0.1", "6379", "".
struct Address {
    std::string_view scheme;
    std::string_view host;
    std::string_view port;
    std::string_view path;
};

constexpr std::string_view address_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_[]%/~";

/// Reads "tcp:HOST:PORT: reason", "listen:PORT: reason" or "http://HOST:PORT/path: reason". If the
/// probe has another form,
/// returns an address with an empty port. The app may have written the text, and an address becomes
/// a part of a remedy, so an address with characters of a shell counts as another form.
Address read_address(std::string_view unmet) {
    Address address;
    constexpr auto schemes = std::to_array<std::string_view>({"tcp:", "listen:", "http://"});
    for (const std::string_view scheme : schemes)
        if (unmet.starts_with(scheme))
            address.scheme = scheme;
    if (address.scheme.empty())
        return address;
    unmet.remove_prefix(address.scheme.size());
    const std::string_view probe = unmet.substr(0, unmet.find(": "));
    if (probe.find_first_not_of(address_characters) != probe.npos)
        return {};
    const std::string_view place = probe.substr(0, probe.find('/'));
    address.path = probe.substr(place.size());
    const std::size_t colon = place.rfind(':');
    if (colon == place.npos && address.scheme == "listen:")
        address.port = place;
    if (colon == place.npos)
        return address;
    address.host = place.substr(0, colon);
    address.port = place.substr(colon + 1);
    return address;
}

bool is_loopback(std::string_view host) {
    return host.starts_with("127.") || host == "localhost" || host == "[::1]";
}

/// Returns the container's port that --publish connects to `port` of the host. Returns an empty
/// text if there is no such port, or if --publish also names `port` as a port of the container.
std::string_view port_inside(const StartCommand& command, std::string_view port) {
    std::string_view inside;
    for (const std::string_view published : command.published) {
        const std::string_view ports = published.substr(0, published.find('/'));
        const std::size_t colon = ports.rfind(':');
        if (colon == ports.npos)
            continue;
        const std::string_view host = ports.substr(0, colon);
        const std::size_t before = host.rfind(':');
        const std::string_view container = ports.substr(colon + 1);
        if (container == port)
            return {};
        if ((before == host.npos ? host : host.substr(before + 1)) == port)
            inside = container;
    }
    return inside;
}

/// Returns whether the reason of a failed probe contains one of these texts.
bool has_reason(std::string_view unmet, std::initializer_list<std::string_view> reasons) {
    return std::ranges::any_of(
        reasons, [&](std::string_view reason) { return unmet.find(reason) != unmet.npos; });
}

/// Returns the addresses at which the command listens instead, as in "127.0.0.1:80 and [::1]:81".
/// Returns an empty text if the probe did not report any.
std::string_view listened(std::string_view unmet) {
    const std::size_t at = unmet.find(channel::but_listens);
    if (at == unmet.npos)
        return {};
    unmet.remove_prefix(at + channel::but_listens.size());
    const std::string_view places = unmet.substr(0, unmet.rfind(" ("));
    constexpr std::string_view allowed = "0123456789abcdef.:[]n, ";
    return places.find_first_not_of(allowed) == places.npos ? places : std::string_view();
}

/// Returns whether the published ports decide: "port 80: reason" or "ports 80 and 443: reason".
bool is_of_ports(std::string_view unmet) {
    return unmet.starts_with("port ") || unmet.starts_with("ports ");
}

/// Returns the ports of such a text: "port 80".
std::string_view ports_of(std::string_view unmet) {
    return unmet.substr(0, unmet.find(": "));
}

bool is_of_health(std::string_view unmet) {
    return unmet.starts_with("the health check");
}

/// Returns whether the shell of exec: or of the health check did not find the program. dash and
/// busybox report "redis-clii: not found", and bash reports "command not found". Also returns true
/// if `wrap` could not execute the program, such as the shell itself.
bool is_program_missing(std::string_view unmet) {
    constexpr auto signs = std::to_array<std::string_view>(
        {": not found", ": command not found", "exited with status 127", ": cannot run \""});
    const bool runs_program = unmet.starts_with("exec:") || is_of_health(unmet);
    return runs_program && std::ranges::any_of(signs, [&](std::string_view sign) {
               return unmet.find(sign) != unmet.npos;
           });
}

/// Returns whether the program of the health check does not exist, so that no check can succeed.
/// Most often the check is a command line, and the image has no shell.
bool is_check_unable(std::string_view unmet) {
    return is_of_health(unmet) && unmet.find(": cannot run \"") != unmet.npos
           && unmet.find("\": No such file or directory") != unmet.npos;
}

/// Returns whether a connection failed for one of these reasons. A loopback address always exists.
/// Finds where this address does not exist.
bool lacks_address(Facts& facts, std::initializer_list<std::string_view> reasons) {
    facts.found = facts.symptoms.starter != Starter::wrap
                      ? "probes run inside the container"
                      : "this machine does not have the address";
    const Address address = read_address(facts.probe);
    return !address.port.empty() && !is_loopback(address.host) && has_reason(facts.probe, reasons);
}

/// Finds the command that does not exist.
bool lacks_program(Facts& facts) {
    facts.found = is_of_health(facts.probe) ? "the health check" : "exec:";
    return is_program_missing(facts.probe);
}

bool is_check_unable_in(const Facts& facts) {
    return facts.symptoms.starter != Starter::wrap && is_check_unable(facts.probe);
}

/// Returns whether `unmet`, from a STATUS, may be about a probe of the unit. The app may write the
/// same words about another probe, and a remedy would contain them.
bool is_of_unit(const Symptoms& symptoms, std::string_view unmet) {
    const auto begins = [&](std::string_view probe) { return unmet.starts_with(probe); };
    const std::vector<std::string>& probes = symptoms.command.ready_when;
    return probes.empty() || is_of_health(unmet) || is_of_ports(unmet)
           || std::ranges::any_of(probes, begins);
}

}  // namespace

/// Why a probe has not succeeded. These rows have only remedies. If the app may only be slow, the
/// remedy is more time first.
std::span<const Cause> tables::probes() {
    static const Cause rows[] = {
        {[](Facts& f) { return !f.command.members.empty(); },
         {},
         "if the app is only slow, {more_time}; otherwise start the missing container, or read its "
         "log"},
        {[](Facts& f) {
             return is_of_ports(f.probe) && has_reason(f.probe, {channel::never_reached});
         },
         {},
         "let the app listen on all addresses, such as 0.0.0.0 or [::]: in a container, an app on "
         "127.0.0.1 or [::1] has no clients from outside"},
        {[](Facts& f) { return is_of_ports(f.probe) && f.keep(util::escape(listened(f.probe))); },
         {},
         "if the app is only slow, {more_time}; if its clients use {found}, let -p publish that "
         "port of the container ({edit})"},
        {[](Facts& f) { return is_of_ports(f.probe) && f.keep(util::escape(ports_of(f.probe))); },
         {},
         "if the app is only slow, {more_time}; otherwise let -p name the port that the app "
         "listens "
         "on ({edit}), or {give --ready-when=PROBE}"},
        {[](Facts& f) {
             const Address address = read_address(f.probe);
             return !address.port.empty()
                    && f.keep(std::string(port_inside(f.command, address.port)));
         },
         {},
         "probes run inside the container, where port {port} of the host is port {found}: {change "
         "{ready_option 127.0.0.1:{found}}}"},
        {[](Facts& f) { return is_check_unable_in(f) && f.symptoms.starter == Starter::quadlet; },
         {},
         "give a health check whose program is in the image: set HealthCmd=[\"CMD\", \"PROGRAM\"] "
         "in [Container] of {source}"},
        {[](Facts& f) { return is_check_unable_in(f); },
         {},
         "give a health check whose program is in the image: {give '--health-cmd=[\"CMD\", "
         "\"PROGRAM\"]' or --ready-when=listen:PORT}"},
        {[](Facts& f) { return lacks_program(f) && f.symptoms.starter == Starter::wrap; },
         {},
         "correct the command of {found}, or install the missing program ({edit})"},
        {lacks_program,
         {},
         "correct the command of {found}, or add the missing program to the image ({edit})"},
        {[](Facts& f) { return is_of_health(f.probe); },
         {},
         "if the app is only slow, {more_time}; otherwise {give --health-start-period=SPAN}, or "
         "correct the health check"},
        {[](Facts& f) {
             return f.keep(util::escape(listened(f.probe))) && f.found.find(' ') == f.found.npos;
         },
         {},
         "if the app is only slow, {more_time}; if it is ready when it listens on {found}, {change "
         "{ready_option {found}}}"},
        {[](Facts& f) { return f.keep(util::escape(listened(f.probe))); },
         {},
         "if the app is only slow, {more_time}; if it is ready when it listens on {found}, {change "
         "{ready_option ADDRESS:PORT}}"},
        {[](Facts& f) {
             return lacks_address(f, {"network is unreachable", "cannot assign requested address"});
         },
         {},
         "{found}: {change {ready_option 127.0.0.1:{port}}}"},
        {[](Facts& f) {
             return lacks_address(f, {"no route to host", "no answer in time"});
         },
         {},
         "if the app is only slow, {more_time}; otherwise {found}: {change {ready_option "
         "127.0.0.1:{port}}}"},
        {always,
         {},
         "if the app is only slow, {more_time}; otherwise correct {ready_option_name} ({edit})"},
    };
    return rows;
}

/// What to do if the app does not notify, and no probe is set.
std::span<const Cause> tables::missing_probes() {
    static const Cause rows[] = {
        {[](Facts& f) { return !f.command.health_off.empty(); },
         {},
         "if the image has a health check, remove {health_off}; otherwise {give "
         "--ready-when=listen:PORT}{open_socket}; if it notifies and is only slow, "
         "{more_time}"},
        // An app that has sent a STATUS also sends READY=1.
        {[](Facts& f) { return !f.unit.status_text.empty(); },
         {},
         "if the app is only slow, {more_time}; if it never sends READY=1, {give "
         "--ready-when=listen:PORT}"},
        {always,
         {},
         "{give --ready-when=listen:PORT}{open_socket}; if it notifies and is only slow, "
         "{more_time}"},
    };
    return rows;
}

std::string_view ready_option_name(const StartCommand& command) {
    return command.ready_when.empty() && !command.proxies.empty() ? "--proxy=" : "--ready-when=";
}

std::string ready_option(const Facts& facts, std::string_view place) {
    const Address address = read_address(facts.probe);
    const std::string_view name = ready_option_name(facts.command);
    std::string_view socket;
    for (const std::string_view proxy : facts.command.proxies)
        if (name == "--proxy=" && proxy.ends_with(concat(address.host, ':', address.port)))
            socket = proxy.substr(0, proxy.find(concat(address.scheme, address.host)));
    // Any address suffices if the app listens.
    if (address.scheme == "listen:")
        for (const std::string_view any : {"127.0.0.1:", "0.0.0.0:", "[::]:"})
            if (place.starts_with(any))
                place.remove_prefix(any.size());
    return concat(name, util::escape(socket), address.scheme, place, util::escape(address.path));
}

std::string_view port_of_probe(const Facts& facts) {
    return read_address(facts.probe).port;
}

bool may_close_socket(const Symptoms& symptoms) {
    const bool has_container =
        symptoms.starter != Starter::wrap
        && (symptoms.starter != Starter::wait || !symptoms.command.manager.empty());
    return !has_container && symptoms.unit.unit_user.empty()
           && !mentions(symptoms.unit, "--socket-mode");
}

std::string unmet_probe(const Symptoms& symptoms) {
    const auto rest_of = [](std::string_view text) {
        constexpr std::string_view waiting_for = "waiting for ";
        const std::size_t at = text.find(waiting_for);
        if (at == text.npos)
            return std::string();
        text.remove_prefix(at + waiting_for.size());
        return std::string(text.substr(0, text.find("; ")));
    };
    if (symptoms.starter == Starter::init)
        return {};
    if (std::string unmet = rest_of(symptoms.unit.status_text);
        !unmet.empty() && is_of_unit(symptoms, unmet))
        return unmet;
    for (const LogLine& line : symptoms.log)
        if (util::contains(line.tags, tags::stopped_early)
            || util::contains(line.tags, tags::ready_timeout))
            if (std::string unmet = rest_of(line.text); is_of_unit(symptoms, unmet))
                return unmet;
    return {};
}

std::string reason_of_missing_check(const Symptoms& symptoms) {
    const std::string& off = symptoms.command.health_off;
    return off.empty() ? "" : concat(": ", util::escape(off), " turns the health check off");
}

std::string remedy_of_missing_probe(const Symptoms& symptoms) {
    return first_of(tables::missing_probes(), symptoms)->remedy;
}

std::string remedy_of_probe(const Symptoms& symptoms, std::string_view unmet) {
    Facts facts(symptoms);
    facts.probe = unmet;
    return first_of(tables::probes(), facts)->remedy;
}

}  // namespace notifybridge::diagnosis
