#include "bridge/wait/image_lookup.hpp"

#include <chrono>
#include <utility>

#include "base/cli/settings.hpp"
#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "bridge/probe/http_probe.hpp"
#include "bridge/runtime/docker_context.hpp"

namespace notifybridge::wait {
namespace {

using runtime::ImagePresence;

/// How long dockerd may take to answer.
constexpr std::chrono::seconds docker_patience(2);

class UnknownImage final : public ImageLookup {
public:
    event::Awaitable<ImagePresence> find() override { co_return ImagePresence::unknown; }
};

class PodmanImage final : public ImageLookup {
public:
    explicit PodmanImage(runtime::ImageOfCommand image) : image_(std::move(image)) {}

    event::Awaitable<ImagePresence> find() override {
        co_return runtime::find_podman_image(image_.command, image_.image, cli::variable_or_empty);
    }

private:
    runtime::ImageOfCommand image_;
};

/// Asks dockerd for the image (Docker Engine API, "Inspect an image"). Its status is 404 if dockerd
/// does not have the image.
class DockerImage final : public ImageLookup {
public:
    DockerImage(event::Loop& loop, const std::string& socket, std::string_view image)
        : missing_(loop, std::string(image), request(socket, image), docker_patience) {}

    event::Awaitable<ImagePresence> find() override {
        const probe::Finding finding = co_await missing_.check();
        if (finding.holds)
            co_return ImagePresence::missing;
        co_return finding.answered ? ImagePresence::there : ImagePresence::unknown;
    }

private:
    static probe::HttpProbe::Request request(const std::string& socket, std::string_view image) {
        constexpr unsigned not_found = 404;
        return {{system::SocketAddress::unix_path(socket)},
                "docker",
                util::concat("/images/", image, "/json"),
                {not_found}};
    }

    probe::HttpProbe missing_;
};

/// Returns whether a name can be part of a request as it is.
bool is_plain(std::string_view image) {
    return image.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
               "-._/:@")
           == image.npos;
}

}  // namespace

std::unique_ptr<ImageLookup> make_image_lookup(event::Loop& loop, runtime::ImageOfCommand image) {
    using Images = runtime::Manager::Images;
    const Images images = image.command.manager->images;
    if (images == Images::storage)
        return std::make_unique<PodmanImage>(std::move(image));
    if (images == Images::daemon) {
        const std::string socket = runtime::docker_socket(image.command, cli::variable_or_empty);
        if (!socket.empty() && socket.size() <= system::longest_socket_path
            && is_plain(image.image))
            return std::make_unique<DockerImage>(loop, socket, image.image);
    }
    return std::make_unique<UnknownImage>();
}

}  // namespace notifybridge::wait
