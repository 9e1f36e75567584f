#include "bridge/probe/descriptor_probe.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::probe {

DescriptorProbe::DescriptorProbe(event::Loop& loop, std::string description, int number)
    : WatchingProbe(std::move(description)), loop_(loop), number_(number) {
    system::Pipe pipe = system::make_pipe();
    writing_ = std::move(pipe.writing);
    reading_.emplace(loop, std::move(pipe.reading));
}

void DescriptorProbe::started() {
    writing_.reset();
}

void DescriptorProbe::watch() {
    loop_.spawn([this] { return follow(); });
}

event::Awaitable<> DescriptorProbe::follow() {
    while (!over_) {
        const bool readable = co_await reading_->readable();
        if (!readable)
            co_return;
        const bool held = holds_;
        take();
        if (holds_ && !held)
            changed();
    }
}

/// Reads pending data even if the probe has already succeeded, so that the command never blocks.
void DescriptorProbe::take() {
    std::array<char, 4096> buffer;
    while (!over_) {
        const ssize_t size = ::read(reading_->fd().get(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && errno == EAGAIN)
            return;
        over_ = size <= 0;
        if (!over_
            && std::find(buffer.begin(), buffer.begin() + size, '\n') != buffer.begin() + size)
            holds_ = true;
        // Read only one piece at a time, because the command may never stop writing.
        if (size > 0)
            return;
    }
}

Finding DescriptorProbe::look() {
    if (!writing_)
        take();
    Finding finding;
    finding.holds = holds_;
    if (!holds_)
        finding.reason = over_ ? "it was closed before a newline was written to it"
                               : "no newline was written to it, and it is still open";
    return finding;
}

}  // namespace notifybridge::probe
