#include "bridge/proxy/specification.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <variant>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"

namespace notifybridge::proxy {
namespace {

using util::concat;

constexpr std::array<std::string_view, 2> stream_kinds = {"tcp:", "unix:"};
/// The longest FDNAME= in sd_notify(3), and FileDescriptorName= in systemd.socket(5), in bytes.
constexpr std::size_t longest_name = 255;

[[noreturn]] void refuse(std::string_view text, std::string_view reason) {
    throw SpecificationError(concat(util::quote(text), ": ", reason));
}

bool has_stream_kind(std::string_view target) {
    return std::ranges::any_of(stream_kinds,
                               [&](std::string_view kind) { return target.starts_with(kind); });
}

/// Returns the position of the target in "WHERE=tcp:…". An address contains a colon, and ends where
/// the first target begins. A name contains no colon, so it ends at the last "=" before the first
/// colon.
std::size_t target_begin(std::string_view text) {
    for (std::size_t equals = text.find('='); equals != text.npos;
         equals = text.find('=', equals + 1))
        if (has_stream_kind(text.substr(equals + 1)))
            return equals + 1;
    const std::size_t colon = std::min(text.find(':'), text.size());
    const std::size_t equals = text.substr(0, colon).rfind('=');
    return equals == text.npos ? 0 : equals + 1;
}

void check_name(std::string_view text, std::string_view name) {
    const auto is_bad = [](char byte) { return byte < ' ' || byte > '~'; };
    if (name.empty())
        refuse(text, "the name of the socket is missing before \"=\"");
    if (name.size() > longest_name || std::ranges::any_of(name, is_bad))
        refuse(text, concat("the name of a socket has at most ", longest_name,
                            " ASCII characters; see FileDescriptorName= in systemd.socket(5)"));
}

/// Parses an address at which we listen.
OwnAddress parse_own_address(std::string_view text, std::string_view where) {
    OwnAddress own{std::string(where), {}};
    if (where.starts_with("unix:")) {
        if (!where.starts_with("unix:/") && !where.starts_with("unix:@"))
            refuse(text, "the path of a socket of our own has to begin with \"/\"");
        const auto parsed = probe::parse_specification(where, probe::Purpose::readiness);
        own.address = std::get<probe::UnixTarget>(parsed.target).address;
        return own;
    }
    const std::size_t colon = where.rfind(':');
    std::string_view host = where.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    const auto port = util::parse_number<std::uint16_t>(where.substr(colon + 1));
    if (!port || *port == 0)
        refuse(text, concat(util::quote(where.substr(colon + 1)),
                            " is not a port from 1 to 65535; listen at ADDRESS:PORT or unix:PATH"));
    const auto address = system::SocketAddress::internet(std::string(host), *port);
    if (!address)
        refuse(text, concat(util::quote(host),
                            " is not an address of this machine; listen at 127.0.0.1:PORT, or at "
                            "[::]:PORT for all addresses"));
    own.address = *address;
    return own;
}

/// Returns the name of the socket for LISTEN_FDNAMES, whose names contain no colon.
std::string name_of(const OwnAddress& own) {
    std::string name = own.text;
    std::ranges::replace_if(
        name,
        [](char letter) { return std::string_view(":/[]=@").find(letter) != std::string::npos; },
        '_');
    return name;
}

void check_kind(std::string_view text, std::string_view target) {
    if (has_stream_kind(target))
        return;
    if (target.starts_with("udp:") || target.starts_with("unixgram:"))
        refuse(text,
               "UDP and other datagrams are not supported, only streams; give tcp:HOST:PORT or "
               "unix:PATH, and let the app use a datagram socket itself (LISTEN_FDS)");
    refuse(text,
           "not a target; give tcp:HOST:PORT or unix:PATH, the address on which the app listens "
           "in the container");
}

}  // namespace

std::span<const system::SocketAddress> Specification::addresses() const {
    if (const auto* const tcp = std::get_if<probe::TcpTarget>(&target.target))
        return tcp->addresses;
    return {&std::get<probe::UnixTarget>(target.target).address, 1};
}

Specification parse_specification(std::string_view text) {
    const std::size_t begin = target_begin(text);
    const std::string_view target = text.substr(begin);
    Specification specification{.text = std::string(text), .name = {}, .own = {}, .target = {}};
    if (begin > 0) {
        const std::string_view where = text.substr(0, begin - 1);
        if (where.find(':') != where.npos)
            specification.own = parse_own_address(text, where);
        specification.name = specification.own ? name_of(*specification.own) : std::string(where);
        check_name(text, specification.name);
    }
    check_kind(text, target);
    specification.target = probe::parse_specification(target, probe::Purpose::readiness);
    return specification;
}

void check_names(std::span<const Specification> specifications) {
    std::set<std::string_view> names;
    for (const Specification& specification : specifications) {
        if (specifications.size() > 1 && specification.name.empty())
            refuse(specification.text,
                   "with several --proxy, each needs the name of its socket, as in "
                   "--proxy=web=tcp:127.0.0.1:80 (FileDescriptorName= of the .socket unit)");
        if (!names.insert(specification.name).second)
            refuse(specification.text,
                   concat("another --proxy already has the socket ",
                          util::quote(specification.name), "; name each socket once"));
    }
}

}  // namespace notifybridge::proxy
