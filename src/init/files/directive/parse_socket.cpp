#include "base/util/lenient_number.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/unit/listen.hpp"
#include "init/files/unit/value.hpp"

/// Reads the directives of systemd.socket(5).
namespace notifybridge::directive::parse {
namespace {

/// Returns `text` as a valid address of this type. If the address is not valid, adds a message and
/// returns nullopt.
std::optional<std::string> checked_address(const unit::Line& line, unit::ListenType type,
                                           std::string text) {
    if (type == unit::ListenType::fifo || type == unit::ListenType::special) {
        auto path = absolute_path(line, text);
        return path && type == unit::ListenType::fifo ? without_var_run(line, std::move(*path))
                                                      : path;
    }
    if (type == unit::ListenType::netlink) {
        if (unit::is_netlink_address(text))
            return text;
        line.ignore("it is not a netlink family with a group, such as \"kobject-uevent 1\"");
        return std::nullopt;
    }
    text = without_var_run(line, std::move(text));
    const unit::AddressKind kind = unit::address_kind(text);
    const bool is_local = kind == unit::AddressKind::path || kind == unit::AddressKind::abstract;
    if (kind == unit::AddressKind::invalid)
        line.ignore(
            "it is not a path, \"@\" and a name, a port, IPV4:PORT, [IPV6]:PORT or "
            "vsock:CID:PORT");
    else if (type == unit::ListenType::sequential_packet && !is_local)
        line.ignore("sequential packets require a path, or \"@\" and a name");
    else
        return text;
    return std::nullopt;
}

}  // namespace

void listen(unit::Line& line, unit::ListenType type, std::vector<unit::Listen>& setting) {
    if (resets(line, setting))
        return;
    auto expanded = line.expand(line.value());
    auto address = expanded ? checked_address(line, type, std::move(*expanded)) : std::nullopt;
    if (address)
        setting.push_back({type, std::move(*address)});
}

void ipv6_only(unit::Line& line, unit::BindIpv6Only& setting) {
    if (const auto is_only = unit::parse_boolean(line.value()))
        setting = *is_only ? unit::BindIpv6Only::ipv6_only : unit::BindIpv6Only::both;
    else
        choice<choices::bind_ipv6_only>(line, setting);
}

void timestamping(unit::Line& line, unit::Timestamping& setting) {
    const std::string_view value = line.value();
    const auto is_on = unit::parse_boolean(value);
    if (is_on)
        setting = *is_on ? unit::Timestamping::ns : unit::Timestamping::off;
    else if (value == "us" || value == "usec" || value == "\xC2\xB5s" || value == "\xCE\xBCs")
        setting = unit::Timestamping::us;
    else if (value == "ns" || value == "nsec")
        setting = unit::Timestamping::ns;
    else
        line.ignore("it is not one of off, us, ns");
}

void type_of_service(unit::Line& line, std::optional<int>& setting) {
    // The words for the bits of IP_TOS (ip(7)).
    static constexpr auto words =
        std::to_array<std::string_view>({"low-cost", "reliability", "throughput", "low-delay"});
    constexpr int lowest_bit = 2;
    if (line.value().empty()) {
        setting.reset();
    } else if (const auto number = util::parse_lenient_int(line.value())) {
        if (*number >= 0 && *number <= 0xFF)
            setting = *number;
        else
            line.ignore("it is not a number from 0 to 255");
    } else if (const auto bit = find_choice(line, words)) {
        setting = lowest_bit << *bit;
    }
}

void interface(unit::Line& line, std::string& setting) {
    if (line.value().empty() || line.value() == "*")
        setting.clear();
    else if (!unit::is_interface_name(line.value()))
        line.ignore("it cannot be the name of a network interface");
    else
        setting = line.value();
}

}  // namespace notifybridge::directive::parse
