#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace notifybridge::wait {

/// Decides whether the command pulls an image, what the service manager is told of that, and for
/// how long more time is asked for. An image is taken to come in while the container manager does
/// not have it yet, and only as long as the command goes on to read something. Pure: times are
/// those of any clock that does not go back.
class PullWatch {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        std::string manager;  ///< As it is shown.
        std::string image;
        /// Read by the command from one look to the next where something comes in: more than what
        /// it reads while it only waits.
        std::uint64_t least_bytes = 0;
        Time longest{};  ///< More time is not asked for, nor looked, after that.
        bool extends = true;
    };

    enum class Answer { missing, there, unknown };

    /// What is to be done.
    struct Step {
        bool asks = false;                ///< The manager, whether it has the image.
        std::string datagram = {};        ///< To be sent; empty where nothing is.
        std::optional<Time> extension{};  ///< What the datagram asks for.

        bool operator==(const Step&) const = default;
    };

    explicit PullWatch(Options options) : options_(std::move(options)) {}

    /// The command was started.
    void begin(Time now);

    /// At `next_look`, with what the command and its children have read so far.
    Step look(std::uint64_t bytes_read, Time now);

    /// What was asked for.
    Step answered(Answer answer, Time now);

    /// There is something that shows that nothing is pulled any more: what was told is taken back.
    Step end();

    /// The command has ended, or is to: what was told stays, as it says how far it got.
    void give_up() { next_look_.reset(); }

    /// Nothing while it is not, or no longer, looked.
    std::optional<Time> next_look() const { return next_look_; }

    /// Whether the image was missing when the manager was last asked.
    bool is_pulling() const { return next_look_ && is_missing_; }

    /// For people: "podman to pull IMAGE".
    std::string what() const;

private:
    Step tell(Time now);

    Options options_;
    Time began_{};
    Time came_{};  ///< When something was last seen to come in.
    bool has_come_ = false;
    std::optional<std::uint64_t> bytes_read_;
    std::optional<Time> next_look_;
    bool is_asked_ = false;
    bool is_missing_ = false;
    bool has_told_ = false;
};

}  // namespace notifybridge::wait
