#include "bridge/runtime/published_ports.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {
namespace {

bool is_network(const RunOption& option) {
    return option.name == "--network" || option.name == "--net";
}

bool is_publish(const RunOption& option) {
    return option.name == "p" || option.name == "--publish";
}

/// Returns whether this value of --network leaves the container without a network of its own.
bool is_shared_or_none(std::string_view network) {
    return network == "host" || network == "none" || network.starts_with("container:")
           || network.starts_with("ns:");
}

bool is_tcp(std::string_view protocol) {
    constexpr std::string_view tcp = "tcp";
    return std::ranges::equal(
        protocol, tcp, [](unsigned char left, char right) { return std::tolower(left) == right; });
}

/// Returns whether `text` is a port or a range of ports.
bool are_ports(std::string_view text) {
    const std::string_view first = util::take_until(text, '-');
    return util::parse_number<std::uint16_t>(first).value_or(0) != 0
           && (text.empty() || util::parse_number<std::uint16_t>(text).value_or(0) != 0);
}

/// Returns the container's ports in docker's long form, "published=8080,target=80,protocol=tcp".
std::string_view ports_of_long_form(std::string_view fields) {
    std::string_view ports;
    while (!fields.empty()) {
        std::string_view value = util::take_until(fields, ',');
        const std::string_view name = util::take_until(value, '=');
        if (name == "target")
            ports = value;
        if (name == "protocol" && !is_tcp(value))
            return {};
    }
    return ports;
}

/// Returns the container's TCP ports in "[[ADDRESS:]PORT:]PORT[/PROTOCOL]", whose first two parts
/// are of the host. Returns an empty text for another protocol.
std::string_view ports_of(std::string_view published) {
    if (published.find('=') != published.npos)
        return ports_of_long_form(published);
    const std::string_view place = util::take_until(published, '/');
    if (!published.empty() && !is_tcp(published))
        return {};
    const std::size_t colon = place.rfind(':');
    return colon == place.npos ? place : place.substr(colon + 1);
}

}  // namespace

std::string published_ports(std::span<const std::string> command, const ManagerCommand& places) {
    std::string list;
    for (const RunOption& option : read_run_options(command, places.verb + 1).all) {
        if (is_network(option) && is_shared_or_none(option.value))
            return {};
        // The manager refuses malformed ports.
        if (const auto ports = ports_of(option.value); is_publish(option) && are_ports(ports))
            list += util::concat(list.empty() ? "" : ",", ports);
    }
    return list;
}

bool is_in_pod(std::span<const std::string> command, const ManagerCommand& places) {
    return read_run_options(command, places.verb + 1).find("--pod").has_value();
}

}  // namespace notifybridge::runtime
