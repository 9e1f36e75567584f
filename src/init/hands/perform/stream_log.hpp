#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "base/process/fd_closer.hpp"
#include "base/system/fd.hpp"
#include "init/hands/output/logged_message.hpp"
#include "init/hands/output/output_log.hpp"
#include "init/hands/output/stream_lines.hpp"

namespace notifybridge::perform {

/// The receiver of the streams that systemd-cat(1) and sd_journal_stream_fd(3) open, in place of
/// journald. A user can neither open all streams nor delay other events: the number of streams is
/// limited, and so is the work in each turn of the loop.
class StreamLog {
public:
    static constexpr std::size_t most_streams = 256;
    static constexpr std::size_t most_streams_of_user = 64;

    /// A function that is called with each message. `sender` is the process that opened the stream,
    /// and `unit` was its unit at that time.
    using Take = std::function<void(pid_t sender, const std::string& unit,
                                    const output::LoggedMessage& message)>;

    /// `find_unit` returns the unit of a process, or an empty text.
    StreamLog(process::FdCloser& closer, std::function<std::string(pid_t)> find_unit, Take take);

    /// Listens at `path`, and lets `log` watch the streams. Returns the failed call, or an empty
    /// text on success. In case of a failure, errno has the reason.
    std::string_view listen(const std::string& path, output::OutputLog& log);

private:
    struct Stream {
        system::UniqueFd fd;
        pid_t sender;
        uid_t user;
        std::string unit;
        output::StreamLines lines;
    };

    bool take_some();
    void accept();
    bool watch(system::Fd fd);
    void read(Stream& stream);
    bool has_room_for(uid_t user) const;

    process::FdCloser& closer_;
    std::function<std::string(pid_t)> find_unit_;
    Take take_;
    system::UniqueFd listener_;
    /// A descriptor that is closed if all others are in use, so that a stream can be refused.
    system::UniqueFd spare_;
    /// An epoll(7) of the listener and all streams. `OutputLog` watches only this descriptor.
    system::Fd epoll_;
    std::map<int, Stream> streams_;  ///< The streams by their descriptors.
};

}  // namespace notifybridge::perform
