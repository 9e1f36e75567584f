#include "bridge/status/probe_faults.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "bridge/status/remedy.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

/// The parts of a probe with an address: "tcp:", "127.0.0.1", "6379", "".
struct Address {
    std::string_view scheme;
    std::string_view host;
    std::string_view port;
    std::string_view path;
};

/// Reads "tcp:HOST:PORT: reason" or "http://HOST:PORT/path: reason". If the probe has another form,
/// returns an address with an empty port.
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

enum class Kind {
    refused,  ///< The address exists, but nothing listens on it.
    remote,   ///< The address does not belong to the container.
};

struct Reason {
    std::string_view text;  ///< A part of the probe's error text.
    Kind kind;
};

constexpr auto reasons = std::to_array<Reason>({
    {"connection refused", Kind::refused},
    {"network is unreachable", Kind::remote},
    {"no route to host", Kind::remote},
    {"cannot assign requested address", Kind::remote},
    {"no answer in time", Kind::remote},
});

const Reason* find_reason(std::string_view unmet) {
    for (const Reason& reason : reasons)
        if (unmet.find(reason.text) != unmet.npos)
            return &reason;
    return nullptr;
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

/// Returns the option that decides when the app is ready, but with 127.0.0.1 and this port.
std::string option(const Symptoms& symptoms, const Address& address, std::string_view port) {
    const std::string_view name = option_name(symptoms.command);
    std::string_view socket;
    for (const std::string_view proxy : symptoms.command.proxies)
        if (name == "--proxy=" && proxy.ends_with(concat(address.host, ':', address.port)))
            socket = proxy.substr(0, proxy.find(concat(address.scheme, address.host)));
    return concat(name, util::escape(socket), address.scheme, "127.0.0.1:", port,
                  util::escape(address.path));
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
    if (std::string unmet = rest_of(symptoms.unit.status_text); !unmet.empty())
        return unmet;
    constexpr std::string_view told = "a stop was requested before the command was ready: ";
    for (const LogLine& line : symptoms.log)
        if (line.kind == LogLine::Kind::warning && line.text.starts_with(told))
            return rest_of(line.text);
    return {};
}

std::string reason_of_missing_check(const Symptoms& symptoms) {
    const std::string& off = symptoms.command.health_off;
    return off.empty() ? "" : concat(": ", util::escape(off), " turns the health check off");
}

std::string remedy_of_missing_probe(const Symptoms& symptoms) {
    const std::string& off = symptoms.command.health_off;
    return concat(off.empty() ? ""
                              : concat("if the image has a health check, remove ",
                                       util::escape(off), "; otherwise "),
                  give_option(symptoms, "--ready-when=tcp:127.0.0.1:PORT"),
                  may_close_socket(symptoms)
                      ? "; if the app runs as another user, give `wrap` --socket-mode=0666"
                      : "");
}

std::string remedy_of_probe(const Symptoms& symptoms, std::string_view unmet) {
    const Address address = read_address(unmet);
    const bool has_container = symptoms.starter != Starter::wrap;
    if (!symptoms.command.members.empty())
        return "start the missing container, or read its log";
    if (const auto inside = port_inside(symptoms.command, address.port);
        !address.port.empty() && !inside.empty())
        return concat("probes run inside the container, where port ", address.port,
                      " of the host is port ", inside, ": ",
                      change_option(symptoms, option(symptoms, address, inside)));
    if (has_container && is_check_unable(unmet))
        return remedy_of_unable_check(symptoms);
    if (is_program_missing(unmet))
        return concat("correct the command of ", is_of_health(unmet) ? "the health check" : "exec:",
                      has_container ? ", or add the missing program to the image"
                                    : ", or install the missing program",
                      " (", how_to_edit(symptoms), ')');
    if (is_of_health(unmet))
        return concat("if the health check is right and the app is only slow, ",
                      give_option(symptoms, "--health-start-period=SPAN"), " or ",
                      set_setting(symptoms, "a longer TimeoutStartSec="));
    const Reason* const reason = find_reason(unmet);
    if (reason && !address.port.empty() && reason->kind == Kind::refused)
        return concat("nothing listens on that port", has_container ? " in the container" : "",
                      ": ", change_option(symptoms, option(symptoms, address, "PORT")),
                      " with the port of the app");
    if (reason && !address.port.empty() && !is_loopback(address.host))
        return concat(has_container ? "probes run inside the container: "
                                    : "this machine does not have the address: ",
                      change_option(symptoms, option(symptoms, address, address.port)));
    return concat("if ", option_name(symptoms.command), " is right and the app is only slow, ",
                  set_setting(symptoms, "a longer TimeoutStartSec="));
}

}  // namespace notifybridge::status
