#include "bridge/probe/specification.hpp"

#include <algorithm>
#include <array>

#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/literal.hpp"
#include "base/util/number.hpp"
#include "bridge/probe/pattern.hpp"

namespace notifybridge::probe {
namespace {

using util::concat;

/// Lower numbers are standard streams. Much higher numbers may exceed the limit (ulimit -n).
constexpr int lowest_descriptor = 3;
constexpr int highest_descriptor = 1023;

constexpr std::size_t longest_text = 4096;

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
    throw SpecificationError(concat(util::quote(text), ": ", reason));
}

std::uint16_t parse_port(std::string_view text, std::string_view port) {
    const auto number = util::parse_number<std::uint16_t>(port);
    if (!number || *number == 0)
        refuse(text, concat(util::quote(port), " is not a port; give a number from 1 to 65535"));
    return *number;
}

/// A host and a port, which the last colon separates: "127.0.0.1:80", "[::1]:80", "localhost:80".
struct HostAndPort {
    std::string_view host;
    std::string_view port;  ///< Empty if there is no port.
};

HostAndPort split_port(std::string_view authority) {
    const std::size_t bracket = authority.rfind(']');
    const std::size_t colon = authority.rfind(':');
    if (colon == authority.npos || (bracket != authority.npos && colon < bracket))
        return {authority, {}};
    return {authority.substr(0, colon), authority.substr(colon + 1)};
}

/// Parses an address (IPv6 in brackets). Returns nullopt for a host name.
std::optional<system::SocketAddress> parse_literal(std::string_view host, std::uint16_t port) {
    const bool in_brackets = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    const std::string literal(in_brackets ? host.substr(1, host.size() - 2) : host);
    // If there were no brackets, it would be unclear where an IPv6 address ends and the port
    // begins.
    if ((literal.find(':') == literal.npos) == in_brackets)
        return std::nullopt;
    return system::SocketAddress::internet(literal, port);
}

std::vector<system::SocketAddress> parse_host(std::string_view text, std::string_view host,
                                              std::uint16_t port) {
    if (host == "localhost")
        return {*system::SocketAddress::internet("127.0.0.1", port),
                *system::SocketAddress::internet("::1", port)};
    const auto address = parse_literal(host, port);
    if (!address)
        refuse(text, concat(util::quote(host),
                            " is not an address; names are not looked up, because a static program "
                            "has no DNS; give an address like 127.0.0.1 or [::1], or localhost"));
    return {*address};
}

std::string parse_path(std::string_view text, std::string_view path) {
    if (path.empty())
        refuse(text, "no path is given");
    return std::string(path);
}

/// Parses the path of a socket.
system::SocketAddress parse_socket_path(std::string_view text, std::string_view path) {
    const bool is_abstract = path.starts_with('@');
    const std::string_view name = is_abstract ? path.substr(1) : path;
    if (name.empty() || name.size() > system::longest_socket_path)
        refuse(text, concat("the path of a socket has 1 to ", system::longest_socket_path,
                            " bytes, see unix(7)"));
    return local_address(path);
}

std::string parse_request_path(std::string_view text, std::string_view path) {
    const auto bad = [](char byte) { return byte <= ' ' || byte > '~' || byte == '#'; };
    if (std::ranges::any_of(path, bad))
        refuse(text,
               "the path has a character that is not allowed in a request; write it like %20");
    return path.starts_with('/') ? std::string(path) : concat('/', path);
}

Target parse_http(std::string_view text, std::string_view url) {
    const std::size_t end = url.find_first_of("/?#");
    const std::string_view authority = url.substr(0, end);
    if (authority.find('@') != authority.npos)
        refuse(text, "users and passwords are not supported; use exec:curl …");
    HttpTarget target;
    const auto [host, port] = split_port(authority);
    const bool has_port = host.size() != authority.size();
    target.addresses = parse_host(text, host, has_port ? parse_port(text, port) : 80);
    target.host = authority;
    target.path = parse_request_path(text, end == url.npos ? "" : url.substr(end));
    return target;
}

/// Parses an address of the form "/path.sock:/health".
Target parse_http_unix(std::string_view text, std::string_view rest) {
    const std::size_t colon = rest.find(":/");
    HttpTarget target;
    target.addresses = {parse_socket_path(text, rest.substr(0, colon))};
    target.host = "localhost";
    target.path = parse_request_path(text, colon == rest.npos ? "" : rest.substr(colon + 1));
    return target;
}

Target parse_https(std::string_view text, std::string_view) {
    refuse(text, concat("https is not supported; use 'exec:curl --fail --silent --output "
                        "/dev/null ",
                        util::escape(text), "'"));
}

Target parse_tcp(std::string_view text, std::string_view rest) {
    const auto [host, port] = split_port(rest);
    if (host.size() == rest.size())
        refuse(text, "no port is given: tcp:HOST:PORT");
    return TcpTarget{parse_host(text, host, parse_port(text, port))};
}

Target parse_unix(std::string_view text, std::string_view path) {
    return UnixTarget{parse_socket_path(text, path)};
}

/// Checks the path of a socket, and returns it as the user gave it.
Target parse_listen_unix(std::string_view text, std::string_view path) {
    parse_socket_path(text, path);
    return ListenLocalTarget{std::string(path)};
}

/// Parses "PORT" or "ADDRESS:PORT".
Target parse_listen_port(std::string_view text, std::string_view place,
                         system::Transport transport) {
    ListenTarget target;
    target.transport = transport;
    const auto [host, port] = split_port(place);
    const bool has_host = host.size() != place.size();
    const std::uint16_t number = parse_port(text, has_host ? port : place);
    target.ports = {number};
    if (has_host)
        for (const system::SocketAddress& address : parse_host(text, host, number))
            target.hosts.push_back(address.host());
    return target;
}

Target parse_listen(std::string_view text, std::string_view place) {
    using system::Transport;
    constexpr auto others = std::to_array<std::string_view>({"sctp", "dccp", "udplite", "vsock"});
    const std::size_t colon = place.find(':');
    const std::string_view word = place.substr(0, colon);
    const std::string_view rest = colon == place.npos ? "" : place.substr(colon + 1);
    if (std::ranges::find(others, word) != others.end())
        refuse(text,
               concat(word, " is not supported; give listen:PORT for TCP, or listen:udp:PORT"));
    if (word == "unix")
        return parse_listen_unix(text, rest);
    if (word == "udp")
        return parse_listen_port(text, rest, Transport::udp);
    return parse_listen_port(text, word == "tcp" ? rest : place, Transport::tcp);
}

/// Parses `listen` alone, whose ports are not a part of the probe.
Target parse_listen_published(std::string_view /*text*/, std::string_view /*rest*/) {
    ListenTarget target;
    target.is_published = true;
    return target;
}

Target parse_file(std::string_view text, std::string_view path) {
    return FileTarget{parse_path(text, path)};
}

Target parse_exec(std::string_view text, std::string_view command) {
    if (command.empty())
        refuse(text, "no command is given");
    return ExecTarget{std::string(command)};
}

Target parse_log(std::string_view text, std::string_view pattern) {
    try {
        const Pattern compiled{std::string(pattern)};
    } catch (const PatternError& error) {
        refuse(text, concat("is not a regular expression: ", error.what()));
    }
    return LogTarget{std::string(pattern)};
}

Target parse_descriptor(std::string_view text, std::string_view number) {
    const auto parsed = util::parse_number<int>(number);
    if (!parsed || *parsed < lowest_descriptor || *parsed > highest_descriptor)
        refuse(text, concat(util::quote(number), " is not a descriptor to write to; give a number ",
                            "from ", lowest_descriptor, " to ", highest_descriptor));
    return DescriptorTarget{*parsed};
}

Target parse_systemd(std::string_view text, std::string_view unit) {
    if (unit.empty())
        refuse(text, "no unit is given; give one like systemd:multi-user.target");
    return SystemdTarget{std::string(unit)};
}

/// Parses a kind that is a single word without a value.
template <typename Word>
Target parse_word(std::string_view /*text*/, std::string_view /*rest*/) {
    return Word{};
}

struct ProbeKind {
    util::Literal name;  ///< The name and the separator after it.
    Target (*parse)(std::string_view text, std::string_view rest);
    bool for_readiness;
    bool for_liveness;
    bool uses_directory = false;
};

constexpr auto kinds = std::to_array<ProbeKind>({
    {"http://", parse_http, true, true},
    {"https://", parse_https, true, true},
    {"http+unix://", parse_http_unix, true, true, true},
    {"tcp:", parse_tcp, true, true},
    {"unix:", parse_unix, true, true, true},
    {"listen", parse_listen_published, true, true},
    {"listen:", parse_listen, true, true, true},
    {"file:", parse_file, true, true, true},
    {"exec:", parse_exec, true, true, true},
    {"log:", parse_log, true, false},
    {"fd:", parse_descriptor, true, false},
    {"systemd:", parse_systemd, true, false},
    {"healthy", parse_word<HealthyTarget>, true, true, true},
    {"exit", parse_word<ExitTarget>, true, false},
    {"start", parse_word<StartTarget>, true, false},
    {"notify", parse_word<NotifyTarget>, true, false},
    {"process", parse_word<ProcessTarget>, false, true},
});

/// Returns the beginning of `text` up to the separator, including the separator.
std::string_view kind_in(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos)
        return text;
    const std::string_view rest = text.substr(colon);
    const std::string_view word = text.substr(0, colon);
    const bool is_url = rest.starts_with("://") && word.starts_with("http");
    return text.substr(0, colon + (is_url ? 3 : 1));
}

/// Returns a probe that a text without a kind (an address, port or path) may mean. Returns an empty
/// text if there is none.
std::string probe_of_place(std::string_view text) {
    if (text.starts_with('/'))
        return concat("file:", text);
    const std::string_view authority = text.substr(0, text.find('/'));
    const std::string_view path = text.substr(authority.size());
    const auto [before_colon, after_colon] = split_port(authority);
    const bool is_port_alone = authority.find(':') == authority.npos;
    const std::string_view port = is_port_alone ? before_colon : after_colon;
    const auto number = util::parse_number<std::uint16_t>(port);
    if (!number || *number == 0)
        return {};
    // Host names are not looked up. A name other than localhost usually means the container itself.
    const bool is_known = before_colon == "localhost" || parse_literal(before_colon, *number);
    const std::string_view host = is_known && !is_port_alone ? before_colon : "127.0.0.1";
    return concat(path.empty() ? "tcp:" : "http://", host, ':', port, path);
}

[[noreturn]] void refuse_kind(std::string_view text, std::string_view kind) {
    std::array<std::string_view, kinds.size()> names;
    std::transform(kinds.begin(), kinds.end(), names.begin(),
                   [](const ProbeKind& known) { return known.name; });
    const std::string_view near = util::closest(kind, names);
    const std::string meant = near.empty() ? probe_of_place(text) : std::string(near);
    refuse(text, meant.empty() ? std::string(
                     "is not a probe; give listen:PORT, http://HOST:PORT/PATH, "
                     "tcp:HOST:PORT, unix:PATH, file:PATH, exec:COMMAND or another one from "
                     "the manual")
                               : concat("is not a probe; did you mean ", util::quote(meant), "?"));
}

}  // namespace

system::SocketAddress local_address(std::string_view name) {
    return name.starts_with('@') ? system::SocketAddress::unix_abstract(name.substr(1))
                                 : system::SocketAddress::unix_path(name);
}

Specification parse_specification(std::string_view text, Purpose purpose) {
    if (text.size() > longest_text || text.find('\0') != text.npos)
        refuse(text, "is too long for a probe");
    const std::string_view name = kind_in(text);
    const auto kind = std::ranges::find(kinds, name, &ProbeKind::name);
    if (kind == kinds.end())
        refuse_kind(text, name);
    if (purpose == Purpose::readiness && !kind->for_readiness)
        refuse(text, "is only for --alive-when; did you mean start?");
    if (purpose == Purpose::liveness && !kind->for_liveness)
        refuse(
            text,
            "happens only once, so it cannot be checked repeatedly; --alive-when accepts http://…, "
            "tcp:, unix:, listen, file:, exec:, healthy and process");
    return {std::string(text), kind->parse(text, text.substr(name.size())), kind->uses_directory};
}

std::vector<unsigned> parse_http_statuses(std::string_view text) {
    std::vector<unsigned> statuses;
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        const auto status = util::parse_number<unsigned>(rest.substr(0, comma));
        if (!status || *status < 200 || *status > 599)
            refuse(text,
                   "is not a list of statuses; give numbers from 200 to 599, such as 200,204");
        statuses.push_back(*status);
        if (comma == rest.npos)
            return statuses;
        rest.remove_prefix(comma + 1);
    }
}

}  // namespace notifybridge::probe
