#include "bridge/runtime/stop_signal.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/system/file.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/signal_names.hpp"
#include "bridge/runtime/docker_json.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;

/// Files that docker mounts from its directory for the container, unless the user mounts other
/// files there.
constexpr auto files_of_docker =
    std::to_array<std::string_view>({"/etc/hostname", "/etc/hosts", "/etc/resolv.conf"});

std::string_view string_member(const json::value& value, std::string_view name) {
    const json::object* const object = value.if_object();
    const json::value* const member = object ? object->if_contains(name) : nullptr;
    const json::string* const text = member ? member->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

std::string_view directory_of(std::string_view path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

/// Returns whether `name` is a container's id. docker's directory for a container has this name.
bool is_container_id(std::string_view name) {
    return name.size() == 64 && name.find_first_not_of("0123456789abcdef") == name.npos;
}

}  // namespace

std::optional<int> annotated_stop_signal(const json::object& config) {
    const json::value* const annotations = config.if_contains("annotations");
    return annotations ? util::parse_signal_in_any_case(
               string_member(*annotations, "org.opencontainers.image.stopSignal"))
                       : std::nullopt;
}

std::string docker_record_path(const json::object& config) {
    const json::value* const mounts = config.if_contains("mounts");
    const json::array* const list = mounts ? mounts->if_array() : nullptr;
    if (!list)
        return {};
    for (const json::value& mount : *list) {
        const std::string_view source = string_member(mount, "source");
        const std::string_view directory = directory_of(source);
        if (source.starts_with('/') && is_container_id(util::base_name(directory))
            && util::contains(files_of_docker, string_member(mount, "destination")))
            return util::concat(directory, "/config.v2.json");
    }
    return {};
}

std::optional<int> recorded_stop_signal(std::string_view record) {
    return util::parse_signal_in_any_case(text_at(read_docker_json(record), "/Config/StopSignal"));
}

std::optional<int> find_stop_signal(const json::object& config) {
    if (const auto signal = annotated_stop_signal(config))
        return signal;
    const std::string path = docker_record_path(config);
    if (path.empty())
        return std::nullopt;
    const auto record = system::read_text(path, most_record);
    return record ? recorded_stop_signal(*record) : std::nullopt;
}

}  // namespace notifybridge::runtime
