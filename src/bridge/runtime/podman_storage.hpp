#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Finds the image of a podman container in the files of podman's storage (containers/storage). At
/// `create` podman holds the lock of the container, so `podman inspect` does not answer; and
/// another podman would take longer than the rest of the start.
namespace notifybridge::runtime {

/// Returns whether podman made this config.json.
bool is_podmans(const boost::json::object& config);

/// A container's directory among those of all containers: ABOVE/DRIVER-containers/ID/userdata.
struct StoredContainer {
    std::string place;  ///< "ABOVE/DRIVER": "/var/lib/containers/storage/overlay".
    std::string id;

    bool operator==(const StoredContainer&) const = default;
};

/// Returns what `path` says if it is such a directory or is in one.
std::optional<StoredContainer> stored_container(std::string_view path);

/// Returns the container's directories, without duplicates: that of `bundle`, which may be empty,
/// and those whose files podman mounts. One is in podman's --root, one in --runroot.
std::vector<StoredContainer> stored_containers(const boost::json::object& config,
                                               std::string_view bundle);

/// Returns the id of the image of container `id` according to `text`, a list of containers.
/// Returns an empty id if the container has no image (--rootfs), and nullopt if it is not in the
/// list.
std::optional<std::string> image_in_list(std::string_view text, std::string_view id);

/// Returns the digest of the image's configuration in the text of its manifest. Empty if there is
/// none.
std::string config_digest(std::string_view manifest);

/// Returns the name of the file that stores the data `key` of an image: "=" and `key` in base64.
std::string data_file_name(std::string_view key);

/// The image of a container.
struct StoredImage {
    std::string id;  ///< Empty if the container has no image.
    /// Its configuration, in JSON; empty if it has none. nullopt if the image is not in the storage
    /// of the container, but in another one that podman reads too.
    std::optional<std::string> config;
};

/// Finds the image of the container. Throws Refusal if it cannot be found out or read.
StoredImage find_stored_image(const boost::json::object& config, std::string_view bundle);

}  // namespace notifybridge::runtime
