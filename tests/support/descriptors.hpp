#pragma once

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <iterator>

#include "base/system/fd.hpp"

namespace notifybridge::test {

/// Returns whether one of these poll(2) events or an end of file occurs within `timeout_ms`.
inline bool is_ready(system::Fd fd, short events, int timeout_ms = 0) {
    pollfd entry{fd.get(), events, 0};
    return ::poll(&entry, 1, timeout_ms) > 0;
}

/// Returns how many descriptors this process has open.
inline std::size_t open_descriptors() {
    const std::filesystem::directory_iterator entries("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// A limit that prevents this process from opening descriptors while this object lives.
class DescriptorsUsedUp {
public:
    DescriptorsUsedUp() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const system::UniqueFd next_free(::dup(STDERR_FILENO));
        const rlimit none{static_cast<rlim_t>(next_free.get()), before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    DescriptorsUsedUp(const DescriptorsUsedUp&) = delete;
    DescriptorsUsedUp& operator=(const DescriptorsUsedUp&) = delete;
    ~DescriptorsUsedUp() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

}  // namespace notifybridge::test
