#include "base/cli/record_writer.hpp"

#include <poll.h>

#include <cerrno>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::cli {

void RecordWriter::write(std::string_view record) {
    if (lost_ > 0) {
        const std::string loss = in_form_(
            util::concat(lost_, lost_ == 1 ? " line of this log was" : " lines of this log were",
                         " lost: its reader was too slow"));
        if (!put(util::concat(is_torn_ ? "\n" : "", loss))) {
            ++lost_;
            return;
        }
        lost_ = 0;
    }
    if (!put(record))
        ++lost_;
}

bool RecordWriter::put(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = output_.write(bytes);
        if (written) {
            bytes.remove_prefix(*written);
            is_torn_ = !bytes.empty();
        } else if (written.error().value() != EAGAIN || !await_room()) {
            return false;
        }
    }
    return true;
}

/// Waits for room in a full pipe or on a stopped terminal. Returns false if there was none in time.
bool RecordWriter::await_room() {
    const std::uint64_t begin = system::monotonic_now();
    const auto timeout_ms = static_cast<int>(patience_.left(begin) / 1000);
    if (timeout_ms == 0)
        return false;
    pollfd room{output_.used().get(), POLLOUT, 0};
    const int ready = ::poll(&room, 1, timeout_ms);
    const std::uint64_t end = system::monotonic_now();
    // Count at least 100 µs for each wait, because poll(2) may report room again and again although
    // write(2) finds no room.
    patience_.spend(end, end - begin + 100);
    return ready > 0 || (ready < 0 && errno == EINTR);
}

}  // namespace notifybridge::cli
