#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace notifybridge::wait {

/// Decides whether the command pulls an image, what to report to the service manager, and how long
/// to request more time. An image counts as being pulled while the container manager does not have
/// it. More time is requested only while the command continues to read. Pure: times are those of
/// any clock that does not go back.
class PullWatch {
public:
    using Time = std::chrono::microseconds;

    struct Options {
        std::string manager;  ///< The manager's name for messages.
        std::string image;
        /// The number of bytes that the command must read between two looks to prove that data
        /// arrives.
        std::uint64_t least_bytes = 0;
        Time longest{};  ///< How long after the start to check the pull, and to request more
                         ///< time.
        bool extends = true;
        /// The time from the start to the first look. If the image is local, the container has
        /// usually started before this look, so the manager is never asked.
        Time first_look = std::chrono::seconds(3);
        /// The time from the start to the second look. This look shows whether data arrives.
        Time second_look = std::chrono::seconds(6);
        Time interval = std::chrono::seconds(10);  ///< The time between further looks.
    };

    enum class Answer { missing, there, unknown };

    /// The next step.
    struct Step {
        bool asks = false;                ///< Whether to ask the manager for the image.
        std::string datagram = {};        ///< The message to send; empty if there is none.
        std::optional<Time> extension{};  ///< The time that `datagram` requests.

        bool operator==(const Step&) const = default;
    };

    explicit PullWatch(Options options) : options_(std::move(options)) {}

    /// Begins to watch. Call this after the command was started.
    void begin(Time now);

    /// Looks at the pull. Call this at `next_look`. `bytes_read` is the number of bytes that the
    /// command and its descendants have read so far.
    Step look(std::uint64_t bytes_read, Time now);

    /// Processes the manager's answer to the last question.
    Step answered(Answer answer, Time now);

    /// Ends the watch, because nothing is pulled any more. Removes the status that was sent.
    Step end();

    /// Ends the watch, because the command has ended or will end. Keeps the status that was sent,
    /// because it shows how far the pull got.
    void give_up() { next_look_.reset(); }

    /// Returns when to look again. Returns nullopt if no look is needed.
    std::optional<Time> next_look() const { return next_look_; }

    /// Returns whether the image was missing when the manager was last asked.
    bool is_pulling() const { return next_look_ && is_missing_; }

    /// Returns "podman to pull IMAGE", which a terminal shows after "waiting for".
    std::string what() const;

private:
    Step tell(Time now);

    Options options_;
    Time began_{};
    Time came_{};  ///< When data last arrived.
    bool has_come_ = false;
    std::optional<std::uint64_t> bytes_read_;
    std::optional<Time> next_look_;
    bool is_asked_ = false;
    bool is_missing_ = false;
    bool has_told_ = false;
};

}  // namespace notifybridge::wait
