#pragma once

#include <memory>
#include <string>

#include "base/event/loop.hpp"
#include "bridge/runtime/image_of_command.hpp"
#include "bridge/runtime/podman_images.hpp"

namespace notifybridge::wait {

/// Finds out whether a container manager has an image. Starts no process of the manager, because
/// that would slow down all containers that start at the same time.
class ImageLookup {
public:
    ImageLookup() = default;
    ImageLookup(const ImageLookup&) = delete;
    ImageLookup& operator=(const ImageLookup&) = delete;
    virtual ~ImageLookup() = default;

    /// Only one call may run at a time.
    virtual event::Awaitable<runtime::ImagePresence> find() = 0;
};

/// Returns the lookup of the command's image: in podman's storage, or over dockerd's socket. The
/// images of other managers are always unknown.
std::unique_ptr<ImageLookup> make_image_lookup(event::Loop& loop, runtime::ImageOfCommand image);

}  // namespace notifybridge::wait
