#include "bridge/diagnosis/probe_faults.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "bridge/channel/health.hpp"
#include "bridge/diagnosis/remedy.hpp"
#include "bridge/diagnosis/time_limit.hpp"

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

/// Reads "tcp:HOST:PORT: reason" or "http://HOST:PORT/path: reason". If the probe has another form,
/// returns an address with an empty port. The app may have written the text, and an address becomes
/// a part of a remedy, so an address with characters of a shell counts as another form.
Address read_address(std::string_view unmet) {
    Address address;
    constexpr auto schemes = std::to_array<std::string_view>({"tcp:", "http://"});
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

std::string remedy_of_unable_check(const Symptoms& symptoms) {
    constexpr std::string_view array = R"(["CMD", "PROGRAM"])";
    const bool is_quadlet = symptoms.starter == Starter::quadlet;
    return concat("give a health check whose program is in the image: ",
                  is_quadlet
                      ? concat("set HealthCmd=", array, " in [Container] of ",
                               util::escape(symptoms.unit.source_path))
                      : give_option(symptoms, concat("'--health-cmd=", array,
                                                     "' or --ready-when=tcp:127.0.0.1:PORT")));
}

/// Returns the name of the option that decides when the app is ready. If --ready-when= is not
/// given, the target of --proxy= decides.
std::string_view option_name(const StartCommand& command) {
    return command.ready_when.empty() && !command.proxies.empty() ? "--proxy=" : "--ready-when=";
}

/// Returns the option that decides when the app is ready, but with this "HOST:PORT".
std::string option(const Symptoms& symptoms, const Address& address, std::string_view place) {
    const std::string_view name = option_name(symptoms.command);
    std::string_view socket;
    for (const std::string_view proxy : symptoms.command.proxies)
        if (name == "--proxy=" && proxy.ends_with(concat(address.host, ':', address.port)))
            socket = proxy.substr(0, proxy.find(concat(address.scheme, address.host)));
    return concat(name, util::escape(socket), address.scheme, place, util::escape(address.path));
}

std::string option_with_port(const Symptoms& symptoms, const Address& address,
                             std::string_view port) {
    return option(symptoms, address, concat("127.0.0.1:", port));
}

/// Returns whether the socket of `wrap` may accept messages from its owner only, because there is
/// no container.
bool may_close_socket(const Symptoms& symptoms) {
    const bool has_container =
        symptoms.starter != Starter::wrap
        && (symptoms.starter != Starter::wait || !symptoms.command.manager.empty());
    return !has_container && symptoms.unit.unit_user.empty()
           && symptoms.unit.exec_start.find("--socket-mode") == std::string::npos;
}

/// A probe that has not succeeded, with its unit.
struct Unmet {
    const Symptoms& symptoms;
    std::string_view text;
    Address address = read_address(text);
    bool has_container = symptoms.starter != Starter::wrap;

    /// Whether a connection failed for one of these reasons. A loopback address always exists.
    bool lacks_address(std::initializer_list<std::string_view> reasons) const {
        return !address.port.empty() && !is_loopback(address.host) && has_reason(text, reasons);
    }
};

std::string remedy_of_address(const Unmet& unmet) {
    return concat(unmet.has_container ? "probes run inside the container: "
                                      : "this machine does not have the address: ",
                  change_option(unmet.symptoms, option_with_port(unmet.symptoms, unmet.address,
                                                                 unmet.address.port)));
}

/// Why a probe has not succeeded. If the app may only be slow, its remedy is more time, and
/// `remedy` is what else the user can do.
struct ProbeCause {
    bool (*holds)(const Unmet&);
    bool may_be_slow;
    std::string (*remedy)(const Unmet&);
};

constexpr auto probe_causes = std::to_array<ProbeCause>({
    {[](const Unmet& unmet) { return !unmet.symptoms.command.members.empty(); }, true,
     [](const Unmet&) { return std::string("start the missing container, or read its log"); }},
    {[](const Unmet& unmet) {
         return !unmet.address.port.empty()
                && !port_inside(unmet.symptoms.command, unmet.address.port).empty();
     },
     false,
     [](const Unmet& unmet) {
         const std::string_view port = unmet.address.port;
         const std::string_view inside = port_inside(unmet.symptoms.command, port);
         return concat("probes run inside the container, where port ", port,
                       " of the host is port ", inside, ": ",
                       change_option(unmet.symptoms,
                                     option_with_port(unmet.symptoms, unmet.address, inside)));
     }},
    {[](const Unmet& unmet) { return unmet.has_container && is_check_unable(unmet.text); }, false,
     [](const Unmet& unmet) { return remedy_of_unable_check(unmet.symptoms); }},
    {[](const Unmet& unmet) { return is_program_missing(unmet.text); }, false,
     [](const Unmet& unmet) {
         return concat("correct the command of ",
                       is_of_health(unmet.text) ? "the health check" : "exec:",
                       unmet.has_container ? ", or add the missing program to the image"
                                           : ", or install the missing program",
                       " (", how_to_edit(unmet.symptoms), ')');
     }},
    {[](const Unmet& unmet) { return is_of_health(unmet.text); }, true,
     [](const Unmet& unmet) {
         return concat(give_option(unmet.symptoms, "--health-start-period=SPAN"),
                       ", or correct the health check");
     }},
    {[](const Unmet& unmet) { return !listened(unmet.text).empty(); }, true,
     [](const Unmet& unmet) {
         const std::string_view places = listened(unmet.text);
         const bool is_one = places.find(' ') == places.npos;
         return concat(
             "if it is ready when it listens on ", util::escape(places), ", ",
             change_option(unmet.symptoms, option(unmet.symptoms, unmet.address,
                                                  is_one ? util::escape(places) : "ADDRESS:PORT")));
     }},
    {[](const Unmet& unmet) {
         return unmet.lacks_address({"network is unreachable", "cannot assign requested address"});
     },
     false, remedy_of_address},
    {[](const Unmet& unmet) {
         return unmet.lacks_address({"no route to host", "no answer in time"});
     },
     true, remedy_of_address},
    {[](const Unmet&) { return true; }, true,
     [](const Unmet& unmet) {
         return concat("correct ", option_name(unmet.symptoms.command), " (",
                       how_to_edit(unmet.symptoms), ')');
     }},
});

/// Returns whether `unmet`, from a STATUS, may be about a probe of the unit. The app may write the
/// same words about another probe, and a remedy would contain them.
bool is_of_unit(const Symptoms& symptoms, std::string_view unmet) {
    const auto begins = [&](std::string_view probe) { return unmet.starts_with(probe); };
    const std::vector<std::string>& probes = symptoms.command.ready_when;
    return probes.empty() || is_of_health(unmet) || std::ranges::any_of(probes, begins);
}

}  // namespace

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
    constexpr std::string_view told = "a stop was requested before the command was ready: ";
    constexpr std::string_view late = "not ready within ";
    for (const LogLine& line : symptoms.log)
        if ((line.kind == LogLine::Kind::warning && line.text.starts_with(told))
            || (line.kind == LogLine::Kind::error && line.text.starts_with(late)))
            if (std::string unmet = rest_of(line.text); is_of_unit(symptoms, unmet))
                return unmet;
    return {};
}

std::string reason_of_missing_check(const Symptoms& symptoms) {
    const std::string& off = symptoms.command.health_off;
    return off.empty() ? "" : concat(": ", util::escape(off), " turns the health check off");
}

std::string remedy_of_missing_probe(const Symptoms& symptoms) {
    const std::string& off = symptoms.command.health_off;
    // An app that has sent a STATUS also sends READY=1.
    if (!symptoms.unit.status_text.empty() && off.empty())
        return concat("if the app is only slow, ", more_time(symptoms),
                      "; if it never sends READY=1, ",
                      give_option(symptoms, "--ready-when=tcp:127.0.0.1:PORT"));
    return concat(off.empty() ? ""
                              : concat("if the image has a health check, remove ",
                                       util::escape(off), "; otherwise "),
                  give_option(symptoms, "--ready-when=tcp:127.0.0.1:PORT"),
                  may_close_socket(symptoms)
                      ? "; if the app runs as another user, give `wrap` --socket-mode=0666"
                      : "",
                  "; if it notifies and is only slow, ", more_time(symptoms));
}

std::string remedy_of_probe(const Symptoms& symptoms, std::string_view unmet_text) {
    const Unmet unmet{symptoms, unmet_text};
    const auto holds = [&](const ProbeCause& cause) { return cause.holds(unmet); };
    const ProbeCause& cause = *std::ranges::find_if(probe_causes, holds);
    const std::string remedy = cause.remedy(unmet);
    return cause.may_be_slow ? concat("if the app is only slow, ", more_time(symptoms),
                                      remedy.starts_with("if ") ? "; " : "; otherwise ", remedy)
                             : remedy;
}

}  // namespace notifybridge::diagnosis
