#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bridge/runtime/podman_images.hpp"

namespace notifybridge::wait {

/// Decides what to report to the service manager while the command, a container manager, has not
/// started `wrap`, and whether to request more time. An image counts as being pulled while the
/// container manager does not have it. More time is requested only while the command continues to
/// read. Pure: times are those of any clock that does not go back.
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
        /// Whether the container certainly starts `wrap` in our directory. If not, nobody knows
        /// when the container has been created.
        bool has_wrap = false;
        /// The time from the start to the first look. If the image is local, the container has
        /// usually started before this look, so the image is never looked up.
        Time first_look = std::chrono::seconds(3);
        /// The time from the start to the second look. This look shows whether data arrives.
        Time second_look = std::chrono::seconds(6);
        Time interval = std::chrono::seconds(10);  ///< The time between further looks.
    };

    /// A message to send.
    struct Step {
        std::string datagram = {};        ///< Empty if there is none.
        std::optional<Time> extension{};  ///< The time that `datagram` requests.

        bool operator==(const Step&) const = default;
    };

    explicit PullWatch(Options options) : options_(std::move(options)) {}

    /// Begins to watch. Call this after the command was started.
    void begin(Time now);

    /// Looks at the pull. Call this at `next_look`. `presence` is ignored unless `needs_presence`.
    /// `bytes_read` is the number of bytes that the command and its descendants have read so far.
    /// It is ignored unless the image is missing.
    Step look(runtime::ImagePresence presence, std::uint64_t bytes_read, Time now);

    /// Returns whether the next look has to know whether the image is there.
    bool needs_presence() const { return next_look_ && !is_there_; }

    /// Ends the watch, because nothing is pulled any more. Removes the status that was sent.
    Step end();

    /// Ends the watch, because the command has ended or will end. Keeps the status that was sent,
    /// because it shows how far the pull got.
    void give_up() { next_look_.reset(); }

    /// Returns when to look again. Returns nullopt if no look is needed.
    std::optional<Time> next_look() const { return next_look_; }

    /// Returns whether the image was missing at the last look.
    bool is_pulling() const { return next_look_ && is_missing_; }

    /// Returns "podman to pull IMAGE", which a terminal shows after "waiting for".
    std::string what() const;

private:
    void count(std::uint64_t bytes_read, Time now);
    Step tell_pull(Time now);
    Step tell_creation(Time now);

    Options options_;
    Time began_{};
    Time came_{};  ///< When data last arrived.
    bool has_come_ = false;
    std::optional<std::uint64_t> bytes_read_;
    std::optional<Time> next_look_;
    bool has_looked_ = false;
    bool is_missing_ = false;
    bool is_there_ = false;
    bool has_told_ = false;
};

}  // namespace notifybridge::wait
