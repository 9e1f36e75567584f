#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/runtime/manager_command.hpp"

/// Looks up images and containers in the files of podman's storage (containers/storage). `podman
/// image exists` would take longer than the rest of a start, and slow down all containers that
/// start at the same time.
namespace notifybridge::runtime {

/// Whether a container manager has an image.
enum class ImagePresence { missing, there, unknown };

/// Returns the directories of podman's storage that may have images: that of `command`, and then
/// the additional ones of storage.conf. Sources: containers-storage.conf(5), podman(1).
std::vector<std::string> image_stores(const ManagerCommand& command, Variables variables,
                                      bool is_root);

/// Returns whether `list`, an images.json of podman's storage, has the image `name`. `name` is a
/// name with or without a registry, tag or digest, or the beginning of an id. A name without a
/// registry fits any registry.
bool list_has_image(std::string_view list, std::string_view name);

/// Returns the name that `text`, a registries.conf, gives to the short name `name`. Returns an
/// empty text if there is none (containers-registries.conf(5), "aliases").
std::string full_name(std::string_view text, std::string_view name);

/// Looks up the image `name` of `command`. Returns `unknown` if podman's storage is not found, or
/// if the name is that of an archive.
ImagePresence find_podman_image(const ManagerCommand& command, std::string_view name,
                                Variables variables);

/// Returns whether podman's storage is found, and has no container with this full id. podman
/// removes a container from its storage before it frees the container's name.
bool has_podman_removed(const ManagerCommand& command, std::string_view id, Variables variables);

}  // namespace notifybridge::runtime
