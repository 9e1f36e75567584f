#pragma once

#include <sys/types.h>

#include <optional>

#include "base/event/descriptor.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Holds once the command wrote a newline to a descriptor that it was given, or closed it, as s6
/// and dinit have it. That the kernel closes it as the command ends does not count.
class DescriptorProbe final : public WatchingProbe {
public:
    DescriptorProbe(event::Loop& loop, std::string description, int number);

    /// The number that the command is to get it by.
    int number() const { return number_; }

    /// What the command gets, until it was started.
    system::Fd command_end() const { return writing_; }

    /// The command runs, and has the descriptor: ours for it is closed.
    void started(pid_t command);

    void watch() override;
    Finding look() override;

private:
    event::Awaitable<> follow();
    void take();

    event::Loop& loop_;
    int number_;
    system::UniqueFd writing_;
    std::optional<event::Descriptor> reading_;
    pid_t command_ = -1;
    bool over_ = false;
    bool holds_ = false;
};

}  // namespace notifybridge::probe
