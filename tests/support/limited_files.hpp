#pragma once

#include <signal.h>
#include <sys/resource.h>

#include <cstdint>

namespace notifybridge::test {

/// A guard that limits the size of files to `size` while this object lives.
class FilesAreLimited {
public:
    explicit FilesAreLimited(std::uint64_t size) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{size, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FilesAreLimited(const FilesAreLimited&) = delete;
    FilesAreLimited& operator=(const FilesAreLimited&) = delete;
    ~FilesAreLimited() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, handler_);
    }

private:
    sighandler_t handler_;
    rlimit before_{};
};

}  // namespace notifybridge::test
