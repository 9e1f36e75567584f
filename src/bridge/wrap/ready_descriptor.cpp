#include "bridge/wrap/ready_descriptor.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wrap {

void ReadyDescriptor::take(notify::Datagram& datagram, const notify::Message& message,
                           system::Moment time) {
    sink_.take(datagram, message, time);
    if (descriptor_ && message.has("READY=1"))
        report_ready();
}

void ReadyDescriptor::report_ready() {
    const int number = descriptor_.get();
    // The descriptor belongs to the supervisor, and writing to it may block. Write only if there is
    // room, so that we never wait.
    pollfd room{number, POLLOUT, 0};
    static_cast<void>(::poll(&room, 1, 0));
    ssize_t written = -1;
    if (room.revents == 0)
        errno = EAGAIN;
    else
        written = ::write(number, "\n", 1);
    if (written == 1)
        util::log(util::Severity::info, util::Topic::messages, "wrote a newline to descriptor ",
                  number);
    else
        util::log(util::Severity::warning, util::Topic::messages,
                  "cannot write the newline to descriptor ", number,
                  " (--notify-fd): ", system::describe(errno),
                  "; the supervisor does not know that the command is ready");
    descriptor_.reset();
}

}  // namespace notifybridge::wrap
