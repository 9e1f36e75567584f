#pragma once

#include <sys/types.h>

#include <optional>

#include "base/event/descriptor.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// A probe that succeeds after the command has written a newline to a descriptor, as for s6. The
/// command receives the descriptor from us.
class DescriptorProbe final : public WatchingProbe {
public:
    DescriptorProbe(event::Loop& loop, std::string description, int number);

    /// Returns the descriptor's number in the command.
    int number() const { return number_; }

    /// Returns the command's end of the pipe, which is valid until `started` is called.
    system::Fd command_end() const { return writing_; }

    /// Closes our copy of the command's end of the pipe. Must be called when the command has
    /// started.
    void started();

    void watch() override;
    Finding look() override;

private:
    event::Awaitable<> follow();
    void take();

    event::Loop& loop_;
    int number_;
    system::UniqueFd writing_;
    std::optional<event::Descriptor> reading_;
    bool over_ = false;
    bool holds_ = false;
};

}  // namespace notifybridge::probe
