#include "init/hands/output/line_writer.hpp"

#include <cerrno>
#include <utility>

#include "base/util/concat.hpp"

namespace notifybridge::output {

LineWriter::LineWriter(event::Loop& loop, system::Fd output, std::chrono::microseconds patience)
    : patience_(patience), sink_(loop, output), waits_(loop), room_(loop), stall_(loop) {
    stall_.on_expired = [this] {
        is_stalled_ = true;
        room_.raise();
    };
}

bool LineWriter::must_drop() const {
    return is_gone_ || queue_.size() >= most || (is_stalled_ && is_full());
}

void LineWriter::add(std::string_view line) {
    if (must_drop()) {
        ++dropped_;
        return;
    }
    queue_ += line;
    queue_ += '\n';
}

/// Removes the `size` written bytes from the queue. Reports dropped lines if the queue has space.
void LineWriter::wrote(std::size_t size) {
    queue_.erase(0, size);
    is_stalled_ = false;
    is_waiting_ = false;
    stall_.cancel();
    if (dropped_ > 0 && !is_full())
        queue_ += util::concat("notifybridge: dropped ", std::exchange(dropped_, 0),
                               " lines, because nobody read the output\n");
}

void LineWriter::flush() {
    while (!queue_.empty()) {
        const auto written = sink_.write(queue_);
        if (written) {
            wrote(*written);
            continue;
        }
        const int error = written.error().value();
        if (error == EAGAIN) {
            // The time limit starts again after each successful write. New lines do not extend it.
            if (!std::exchange(is_waiting_, true))
                stall_.start(patience_);
            waits_.raise();
            return;
        }
        // A full disk may get free space again. A reader that has closed its end does not return.
        is_gone_ = error != ENOSPC && error != EDQUOT;
        queue_.clear();
    }
    room_.raise();
}

event::Awaitable<> LineWriter::room() {
    while (is_full() && !is_stalled_ && !is_gone_)
        co_await room_.wait();
}

event::Awaitable<> LineWriter::run() {
    for (;;) {
        co_await waits_.wait();
        if (queue_.empty())
            continue;
        co_await sink_.room();
        flush();
        if (!is_full())
            room_.raise();
    }
}

}  // namespace notifybridge::output
