#include "bridge/runtime/podman_images.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "bridge/runtime/json_text.hpp"
#include "bridge/runtime/toml.hpp"

namespace notifybridge::runtime {
namespace {

namespace json = boost::json;
using util::concat;

/// The largest list that is read. podman writes less than this about all images of a machine.
constexpr std::size_t most_of_images = 64 * 1024 * 1024;

/// The places that are neither registries nor podman's storage (containers-transports(5)). podman
/// reads such an image again at each start.
constexpr std::string_view other_transports =
    "containers-storage dir docker-archive docker-daemon oci oci-archive ostree sif tarball";

/// An image's name, such as docker.io/library/redis:7.
struct ImageName {
    std::string_view repository;
    std::string_view tag;
    std::string_view digest;
};

ImageName split_name(std::string_view name) {
    const std::size_t at = std::min(name.find('@'), name.size());
    const std::string_view digest = name.substr(std::min(at + 1, name.size()));
    name = name.substr(0, at);
    const std::size_t colon = name.rfind(':');
    if (colon == name.npos || name.find('/', colon) != name.npos)
        return {name, digest.empty() ? "latest" : "", digest};
    return {name.substr(0, colon), name.substr(colon + 1), digest};
}

/// Returns whether a repository begins with the name of a registry, by docker's rules.
bool has_registry(std::string_view repository) {
    const std::size_t slash = repository.find('/');
    const std::string_view first = repository.substr(0, slash);
    return slash != repository.npos
           && (first == "localhost" || first.find_first_of(".:") != first.npos);
}

bool is_repository(std::string_view stored, std::string_view wanted) {
    constexpr std::string_view docker = "docker.io/";
    if (wanted.starts_with(docker) && wanted.find('/', docker.size()) == wanted.npos)
        return stored == concat("docker.io/library/", wanted.substr(docker.size()));
    return stored == wanted || (!has_registry(wanted) && stored.ends_with(concat('/', wanted)));
}

std::string_view text_of(const json::value& value) {
    const json::string* const text = value.if_string();
    return text ? std::string_view(*text) : std::string_view();
}

/// Returns whether the image was stored under this digest. An image of several architectures has
/// another digest than its manifest list.
bool has_digest(const json::object& image, std::string_view digest) {
    const json::value* const all = image.if_contains("big-data-digests");
    const json::object* const digests = all ? all->if_object() : nullptr;
    return digests && std::ranges::any_of(*digests, [&](const json::key_value_pair& each) {
               return text_of(each.value()) == digest;
           });
}

bool is_image(const json::object& image, std::string_view name) {
    constexpr std::string_view algorithm = "sha256:";
    const std::string_view wanted_id =
        name.substr(name.starts_with(algorithm) ? algorithm.size() : 0);
    const json::value* const id = image.if_contains("id");
    if (id && !wanted_id.empty() && text_of(*id).starts_with(wanted_id))
        return true;
    const ImageName wanted = split_name(name);
    if (!wanted.digest.empty())
        return has_digest(image, wanted.digest);
    const json::value* const all = image.if_contains("names");
    const json::array* const names = all ? all->if_array() : nullptr;
    return names && std::ranges::any_of(*names, [&](const json::value& each) {
               const ImageName stored = split_name(text_of(each));
               return stored.tag == wanted.tag
                      && is_repository(stored.repository, wanted.repository);
           });
}

/// Returns the value of `name`, or the directory `below` in the user's home.
std::string user_directory(Variables variables, std::string_view name, std::string_view below) {
    std::string value = variables(name);
    return value.empty() ? concat(variables("HOME"), below) : value;
}

std::string config_home(Variables variables) {
    return user_directory(variables, "XDG_CONFIG_HOME", "/.config");
}

/// Returns the path of storage.conf. `is_own` is set to whether the file is that of a user who is
/// not root.
std::string storage_conf(Variables variables, bool is_root, bool& is_own) {
    constexpr const char* machines = "/etc/containers/storage.conf";
    is_own = !is_root;
    if (std::string path = variables("CONTAINERS_STORAGE_CONF"); !path.empty())
        return path;
    if (!is_root) {
        std::string path = concat(config_home(variables), "/containers/storage.conf");
        if (::access(path.c_str(), R_OK) == 0)
            return path;
    }
    is_own = false;
    return ::access(machines, R_OK) == 0 ? machines : "/usr/share/containers/storage.conf";
}

/// Replaces the variables that storage.conf may contain.
std::string expand(std::string path, Variables variables) {
    const auto replace = [&](std::string_view name, const std::string& value) {
        if (const std::size_t at = path.find(name); at != path.npos)
            path.replace(at, name.size(), value);
    };
    replace("$HOME", variables("HOME"));
    replace("$USER", variables("USER"));
    replace("$UID", concat(::geteuid()));
    return path;
}

/// Returns the paths of the store's directories whose names end with `ending`, such as "-images".
/// podman has one for each storage driver.
std::vector<std::string> parts_of(const std::string& store, std::string_view ending) {
    std::vector<std::string> parts;
    if (const auto entries = system::list_directory(store))
        for (const system::DirectoryEntry& entry : *entries)
            if (entry.name.ends_with(ending))
                parts.push_back(concat(store, '/', entry.name));
    return parts;
}

/// Returns the paths of registries.conf and of the other files with aliases.
std::vector<std::string> files_with_aliases(Variables variables, bool is_root) {
    std::vector<std::string> directories = {"/etc"};
    if (!is_root)
        directories.push_back(config_home(variables));
    std::vector<std::string> files;
    for (const std::string& directory : directories) {
        files.push_back(concat(directory, "/containers/registries.conf"));
        if (const auto entries = system::list_directory(files.back() + ".d"))
            for (const system::DirectoryEntry& entry : *entries)
                files.push_back(concat(directory, "/containers/registries.conf.d/", entry.name));
    }
    const std::string cache =
        is_root ? "/var/cache" : user_directory(variables, "XDG_CACHE_HOME", "/.cache");
    files.push_back(concat(cache, "/containers/short-name-aliases.conf"));
    return files;
}

}  // namespace

std::vector<std::string> image_stores(const ManagerCommand& command, Variables variables,
                                      bool is_root) {
    bool is_own = false;
    const std::string conf =
        system::text_of(storage_conf(variables, is_root, is_own), most_of_images);
    std::string root = is_root ? "/var/lib/containers/storage"
                               : concat(user_directory(variables, "XDG_DATA_HOME", "/.local/share"),
                                        "/containers/storage");
    const std::string_view key = is_root || is_own ? "graphroot" : "rootless_storage_path";
    std::string own_images;
    std::vector<std::string> more;
    read_toml(conf, [&](TomlSetting& setting) {
        if (setting.strings.empty() || setting.strings.front().empty())
            return;
        if (setting.key == key)
            root = expand(setting.strings.front(), variables);
        else if (setting.key == "imagestore" && (is_root || is_own))
            own_images = setting.strings.front();
        else if (setting.key == "additionalimagestores")
            more = setting.strings;
    });
    std::vector<std::string> stores = {command.root.empty() ? root : command.root};
    for (const std::string& images : {command.image_store, own_images})
        if (!images.empty())
            stores.push_back(images);
    stores.insert(stores.end(), more.begin(), more.end());
    return stores;
}

bool list_has_image(std::string_view list, std::string_view name) {
    boost::system::error_code error;
    const json::value parsed = json::parse(list, error, {}, json_of_any_bytes);
    const json::array* const images = error ? nullptr : parsed.if_array();
    return images && std::ranges::any_of(*images, [&](const json::value& each) {
               const json::object* const image = each.if_object();
               return image && is_image(*image, name);
           });
}

std::string full_name(std::string_view text, std::string_view name) {
    const ImageName wanted = split_name(name);
    std::string found;
    read_toml(text, [&](TomlSetting& setting) {
        if (setting.section == "aliases" && !setting.strings.empty()
            && setting.key == concat('"', wanted.repository, '"'))
            found = concat(setting.strings.front(), name.substr(wanted.repository.size()));
    });
    return found;
}

ImagePresence find_podman_image(const ManagerCommand& command, std::string_view name,
                                Variables variables) {
    const bool is_root = ::geteuid() == 0;
    if (util::has_word(other_transports, name.substr(0, name.find(':'))))
        return ImagePresence::unknown;
    std::vector<std::string> lists;
    for (const std::string& store : image_stores(command, variables, is_root))
        for (const std::string& part : parts_of(store, "-images"))
            lists.push_back(system::text_of(part + "/images.json", most_of_images));
    if (lists.empty())
        return ImagePresence::unknown;
    const auto is_stored = [&](std::string_view image) {
        return std::ranges::any_of(
            lists, [&](const std::string& list) { return list_has_image(list, image); });
    };
    if (is_stored(name))
        return ImagePresence::there;
    if (!has_registry(split_name(name).repository))
        for (const std::string& file : files_with_aliases(variables, is_root)) {
            const std::string other = full_name(system::text_of(file), name);
            if (!other.empty() && is_stored(other))
                return ImagePresence::there;
        }
    return ImagePresence::missing;
}

bool has_podman_removed(const ManagerCommand& command, std::string_view id, Variables variables) {
    const std::string store = image_stores(command, variables, ::geteuid() == 0).front();
    const std::vector<std::string> parts = parts_of(store, "-containers");
    return !parts.empty() && std::ranges::none_of(parts, [&](const std::string& part) {
        return ::access(concat(part, '/', id).c_str(), F_OK) == 0;
    });
}

}  // namespace notifybridge::runtime
