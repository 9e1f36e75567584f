#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Finds the image of a podman container in the files of podman's storage (containers/storage). We
/// cannot use `podman inspect`, because podman holds the lock of the container during `create`.
/// Another podman process would also take longer than the rest of the start.
namespace notifybridge::runtime {

/// Returns whether podman wrote this config.json.
bool is_podmans(const boost::json::object& config);

/// The parts of the path of a container's directory, which is ABOVE/DRIVER-containers/ID/userdata.
struct StoredContainer {
    std::string place;  ///< ABOVE/DRIVER, such as "/var/lib/containers/storage/overlay".
    std::string id;

    bool operator==(const StoredContainer&) const = default;
};

/// Returns the parts of `path` if `path` is a container's directory in podman's storage, or is
/// inside such a directory. Otherwise, returns nullopt.
std::optional<StoredContainer> stored_container(std::string_view path);

/// Returns the container's directories without duplicates. These are `bundle`, which may be empty,
/// and the directories of files that podman mounts. One directory is in podman's --root, one in
/// --runroot.
std::vector<StoredContainer> stored_containers(const boost::json::object& config,
                                               std::string_view bundle);

/// Returns the image id of container `id`, according to `text`, a list of containers. Returns an
/// empty id if the container has no image (--rootfs). Returns nullopt if the list does not have the
/// container.
std::optional<std::string> image_in_list(std::string_view text, std::string_view id);

/// Returns the digest of the image's configuration, from the text of its manifest. Returns an empty
/// text if the manifest has none.
std::string config_digest(std::string_view manifest);

/// Returns the name of the file in which podman stores the data `key` of an image: "=" and `key` in
/// base64.
std::string data_file_name(std::string_view key);

/// The image of a container.
struct StoredImage {
    std::string id;  ///< The image's id; empty if the container has no image.
    /// The image's configuration in JSON; empty if the image has none. This is nullopt if the image
    /// is not in the container's storage, but in another one that podman also reads.
    std::optional<std::string> config;
};

/// Finds the image of the container. Throws Refusal if the image cannot be found or read.
StoredImage find_stored_image(const boost::json::object& config, std::string_view bundle);

}  // namespace notifybridge::runtime
