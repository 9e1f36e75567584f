#include "bridge/status/reader_watch.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/file.hpp"

namespace notifybridge::status {

ReaderWatch::ReaderWatch(event::Loop& loop) {
    struct stat status {};
    if (::fstat(STDOUT_FILENO, &status) < 0 || !S_ISFIFO(status.st_mode))
        return;
    // Open the pipe again, because other processes share the open file description, which must stay
    // blocking for them.
    system::UniqueFd pipe(::open(system::proc_path(system::Fd(STDOUT_FILENO)).c_str(),
                                 O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (pipe && event::watch(pipe_, loop, std::move(pipe)))
        loop.spawn([this] { return run(); });
}

/// Ends this process when the reading end of the pipe is closed. The writing end becomes readable
/// only then, with an error.
event::Awaitable<> ReaderWatch::run() {
    co_await pipe_->readable();
    ::raise(SIGPIPE);
    system::throw_error(EPIPE, "write", "standard output");
}

}  // namespace notifybridge::status
