#include "unit/choices.hpp"
#include "unit/listen.hpp"
#include "unit/parse.hpp"
#include "unit/value.hpp"
#include "util/lenient_number.hpp"

/// The values of systemd.socket(5).
namespace notifybridge::unit::parse {
namespace {

struct Kind {
    std::string_view key;
    ListenType type;
};

constexpr auto kinds = std::to_array<Kind>({
    {"ListenStream", ListenType::stream},
    {"ListenDatagram", ListenType::datagram},
    {"ListenSequentialPacket", ListenType::sequential_packet},
    {"ListenFIFO", ListenType::fifo},
    {"ListenNetlink", ListenType::netlink},
    {"ListenSpecial", ListenType::special},
});

/// `text` as an address of its type; nothing, and a message, where it is none.
std::optional<std::string> checked_address(const Line& line, ListenType type, std::string text) {
    if (type == ListenType::fifo || type == ListenType::special) {
        auto path = absolute_path(line, text);
        return path && type == ListenType::fifo ? without_var_run(line, std::move(*path)) : path;
    }
    if (type == ListenType::netlink) {
        if (is_netlink_address(text))
            return text;
        line.ignore("it is no netlink family with a group, such as \"kobject-uevent 1\"");
        return std::nullopt;
    }
    text = without_var_run(line, std::move(text));
    const AddressKind kind = address_kind(text);
    const bool is_local = kind == AddressKind::path || kind == AddressKind::abstract;
    if (kind == AddressKind::invalid)
        line.ignore(
            "it is no address: a path, \"@\" and a name, a port, IPV4:PORT, [IPV6]:PORT or "
            "vsock:CID:PORT");
    else if (type == ListenType::sequential_packet && !is_local)
        line.ignore("only sockets with a path, or with \"@\" and a name, have sequential packets");
    else
        return text;
    return std::nullopt;
}

}  // namespace

void listen(Line& line, std::vector<Listen>& setting) {
    if (line.value().empty()) {
        setting.clear();
        return;
    }
    const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                   [&](const Kind& known) { return known.key == line.key(); });
    auto expanded = line.expand(line.value());
    if (!expanded || kind == kinds.end())
        return;
    if (auto address = checked_address(line, kind->type, std::move(*expanded)))
        setting.push_back({kind->type, std::move(*address)});
}

void ipv6_only(Line& line, BindIpv6Only& setting) {
    if (const auto is_only = parse_boolean(line.value()))
        setting = *is_only ? BindIpv6Only::ipv6_only : BindIpv6Only::both;
    else
        choice<choices::bind_ipv6_only>(line, setting);
}

void timestamping(Line& line, Timestamping& setting) {
    const std::string_view value = line.value();
    const auto is_on = parse_boolean(value);
    if (is_on)
        setting = *is_on ? Timestamping::ns : Timestamping::off;
    else if (value == "us" || value == "usec" || value == "\xC2\xB5s" || value == "\xCE\xBCs")
        setting = Timestamping::us;
    else if (value == "ns" || value == "nsec")
        setting = Timestamping::ns;
    else
        line.ignore("it is none of off, us, ns");
}

void type_of_service(Line& line, std::optional<int>& setting) {
    // ip(7), IP_TOS.
    static constexpr auto words =
        std::to_array<std::string_view>({"low-cost", "reliability", "throughput", "low-delay"});
    constexpr int lowest_bit = 2;
    if (line.value().empty()) {
        setting.reset();
    } else if (const auto number = util::parse_lenient_int(line.value())) {
        if (*number >= 0 && *number <= 0xFF)
            setting = *number;
        else
            line.ignore("it is no number from 0 to 255");
    } else if (const auto bit = find_choice(line, words)) {
        setting = lowest_bit << *bit;
    }
}

void interface(Line& line, std::string& setting) {
    if (line.value().empty() || line.value() == "*")
        setting.clear();
    else if (!is_interface_name(line.value()))
        line.ignore("it cannot be the name of a network interface");
    else
        setting = line.value();
}

}  // namespace notifybridge::unit::parse
