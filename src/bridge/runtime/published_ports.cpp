#include "bridge/runtime/published_ports.hpp"

#include <algorithm>
#include <boost/json/value.hpp>
#include <cctype>
#include <cstdint>
#include <vector>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "bridge/runtime/docker_json.hpp"
#include "bridge/runtime/podman_storage.hpp"
#include "bridge/runtime/run_options.hpp"
#include "bridge/runtime/stop_signal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;

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

/// Adds ports to a list for --published.
void add_ports(std::string& list, std::string_view ports) {
    list += util::concat(list.empty() ? "" : ",", ports);
}

/// Returns whether the command line publishes all ports of the image.
bool publishes_all(std::span<const std::string> command, const ManagerCommand& places) {
    const RunOptions options = read_run_options(command, places.verb + 1);
    return options.find("P").has_value()
           || options.find("--publish-all").value_or("false") != "false";
}

/// Returns the TCP ports of an object such as {"80/tcp": …}, which docker and podman use for
/// published and for exposed ports.
std::string tcp_ports_at(const json::value& record, std::string_view pointer) {
    std::string list;
    boost::system::error_code error;
    const json::value* const ports = record.find_pointer(pointer, error);
    if (const json::object* const object = ports ? ports->if_object() : nullptr)
        for (const auto& port : *object)
            if (const auto found = ports_of(port.key()); are_ports(found))
                add_ports(list, found);
    return list;
}

/// How the options of `wrap` use the published ports.
enum class Use {
    none,
    by_default,  ///< If the container has no health check.
    by_option,   ///< The probe `listen`.
};

Use use_of(std::span<const std::string> wrap_options) {
    Use use = Use::by_default;
    for (const std::string_view option : wrap_options) {
        if (option.starts_with("--published"))
            return Use::none;
        if (option == "--ready-when=listen" || option == "--alive-when=listen")
            return Use::by_option;
        if (option.starts_with("--ready-when") || option.starts_with("--alive-when"))
            use = Use::none;
    }
    return use;
}

/// Reads docker's records of the container: `path` is that of its configuration.
std::string ports_of_docker(const std::string& path, Use use) {
    const std::string directory = path.substr(0, path.find_last_of('/'));
    const json::value host =
        read_docker_json(system::text_of(directory + "/hostconfig.json", most_record));
    if (is_shared_or_none(text_at(host, "/NetworkMode")))
        return {};
    std::string published = tcp_ports_at(host, "/PortBindings");
    boost::system::error_code error;
    const json::value* const all = host.find_pointer("/PublishAllPorts", error);
    const bool are_all = all && all->is_bool() && all->get_bool();
    if (!are_all && (!published.empty() || use != Use::by_option))
        return published;
    return tcp_ports_at(read_docker_json(system::text_of(path, most_record)),
                        "/Config/ExposedPorts");
}

std::string ports_of_podman(const json::object& config, std::string_view bundle, Use use,
                            const Podman& podman) {
    const std::vector<std::string> command = podman.command_line();
    const auto places = find_manager_command(command);
    std::string published = places ? published_ports(command, *places) : std::string();
    const bool are_all = places && publishes_all(command, *places);
    if (!are_all && (!published.empty() || use != Use::by_option))
        return published;
    const auto image = find_stored_image(config, bundle).config;
    return image ? tcp_ports_at(read_docker_json(*image), "/config/ExposedPorts") : published;
}

}  // namespace

std::string published_ports(std::span<const std::string> command, const ManagerCommand& places) {
    std::string list;
    for (const RunOption& option : read_run_options(command, places.verb + 1).all) {
        if (is_network(option) && is_shared_or_none(option.value))
            return {};
        // The manager refuses malformed ports.
        if (const auto ports = ports_of(option.value); is_publish(option) && are_ports(ports))
            add_ports(list, ports);
    }
    return list;
}

bool is_in_pod(std::span<const std::string> command, const ManagerCommand& places) {
    return read_run_options(command, places.verb + 1).find("--pod").has_value();
}

std::string find_published_ports(const json::object& config, std::string_view bundle,
                                 std::span<const std::string> wrap_options, const Podman& podman) {
    const Use use = use_of(wrap_options);
    if (use == Use::none)
        return {};
    if (const std::string record = docker_record_path(config); !record.empty())
        return ports_of_docker(record, use);
    return is_podmans(config) ? ports_of_podman(config, bundle, use, podman) : std::string();
}

}  // namespace notifybridge::runtime
