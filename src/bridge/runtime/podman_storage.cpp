#include "bridge/runtime/podman_storage.hpp"

#include <sys/stat.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdint>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/docker_json.hpp"
#include "bridge/runtime/json_text.hpp"
#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;
using util::quote;

/// The largest list that is read. podman writes less than this about all containers of a machine.
constexpr std::size_t most_of_list = 64 * 1024 * 1024;
/// Registries accept no larger configuration than this.
constexpr std::size_t most_of_image = 4 * 1024 * 1024;

/// podman 5 writes containers that do not survive a reboot to the second file.
constexpr const char* lists[] = {"containers.json", "volatile-containers.json"};

constexpr std::string_view after_place = "-containers/";
constexpr std::size_t id_length = 64;

std::string_view string_at(const json::object& object, std::string_view name) {
    const json::value* const member = object.if_contains(name);
    const json::string* const text = member ? member->if_string() : nullptr;
    return text ? std::string_view(*text) : std::string_view();
}

/// Returns the id of the container's image. Throws Refusal if no list has the container.
std::string image_of(const std::vector<StoredContainer>& containers) {
    for (const StoredContainer& container : containers)
        for (const char* const list : lists) {
            const std::string path = concat(container.place, after_place, list);
            const auto text = system::read_text(path, most_of_list);
            if (!text)
                continue;
            if (auto image = image_in_list(*text, container.id))
                return *std::move(image);
        }
    throw Refusal("no list of containers in podman's storage contains this container");
}

std::string read_stored(const std::string& path) {
    auto text = system::read_text(path, most_of_image);
    if (!text)
        throw Refusal(
            concat("cannot read ", quote(path), ": ", system::describe(text.error().value())));
    return std::move(*text);
}

/// Returns the image's directory. Returns nullopt if the directory is not found.
std::optional<std::string> find_image_directory(const std::vector<StoredContainer>& containers,
                                                std::string_view image) {
    struct stat status;
    for (const StoredContainer& container : containers) {
        std::string path = concat(container.place, "-images/", image);
        if (::stat(path.c_str(), &status) == 0)
            return path;
    }
    return std::nullopt;
}

}  // namespace

bool is_podmans(const json::object& config) {
    const json::value* const annotations = config.if_contains("annotations");
    const json::object* const object = annotations ? annotations->if_object() : nullptr;
    return object && string_at(*object, "io.container.manager") == "libpod";
}

std::optional<StoredContainer> stored_container(std::string_view path) {
    const std::size_t at = path.find(after_place);
    if (!path.starts_with('/') || at == path.npos)
        return std::nullopt;
    const std::string_view rest = path.substr(at + after_place.size());
    const std::string_view id = rest.substr(0, rest.find('/'));
    if (id.size() != id_length || id.find_first_not_of("0123456789abcdef") != id.npos
        || !concat(rest.substr(id.size()), '/').starts_with("/userdata/"))
        return std::nullopt;
    return StoredContainer{std::string(path.substr(0, at)), std::string(id)};
}

std::vector<StoredContainer> stored_containers(const json::object& config,
                                               std::string_view bundle) {
    std::vector<StoredContainer> found;
    const auto add = [&](std::string_view path) {
        if (auto container = stored_container(path))
            util::add_once(found, *std::move(container));
    };
    add(bundle);
    const json::value* const mounts = config.if_contains("mounts");
    if (const json::array* const list = mounts ? mounts->if_array() : nullptr)
        for (const json::value& mount : *list)
            if (const json::object* const object = mount.if_object())
                add(string_at(*object, "source"));
    return found;
}

std::optional<std::string> image_in_list(std::string_view text, std::string_view id) {
    boost::system::error_code error;
    const json::value list = json::parse(text, error, {}, json_of_any_bytes);
    const json::array* const containers = error ? nullptr : list.if_array();
    if (!containers)
        return std::nullopt;
    for (const json::value& entry : *containers) {
        const json::object* const container = entry.if_object();
        if (container && string_at(*container, "id") == id)
            return std::string(string_at(*container, "image"));
    }
    return std::nullopt;
}

std::string config_digest(std::string_view manifest) {
    return text_at(read_docker_json(manifest), "/config/digest");
}

std::string data_file_name(std::string_view key) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t bytes_at_once = 3;
    std::string name = "=";
    for (; !key.empty(); key.remove_prefix(std::min(bytes_at_once, key.size()))) {
        std::uint32_t bits = 0;
        for (std::size_t at = 0; at < bytes_at_once; ++at)
            bits = bits << 8 | (at < key.size() ? static_cast<unsigned char>(key[at]) : 0U);
        for (std::size_t at = 0; at <= bytes_at_once; ++at)
            name += at <= key.size() ? digits[bits >> (18 - 6 * at) & 63] : '=';
    }
    return name;
}

StoredImage find_stored_image(const json::object& config, std::string_view bundle) {
    const auto containers = stored_containers(config, bundle);
    if (containers.empty())
        throw Refusal("the location of the container in podman's storage is unknown");
    StoredImage image{image_of(containers), std::string()};
    if (image.id.empty())
        return image;
    const auto directory = find_image_directory(containers, image.id);
    if (!directory) {
        image.config.reset();
        return image;
    }
    if (const auto digest = config_digest(read_stored(*directory + "/manifest")); !digest.empty())
        image.config = read_stored(concat(*directory, '/', data_file_name(digest)));
    return image;
}

}  // namespace notifybridge::runtime
