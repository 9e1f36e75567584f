#pragma once

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::status {

/// Ends this process by SIGPIPE as soon as its standard output has no reader. The next write would
/// do that, but may come much later: `status --follow | grep -m1 READY=1` should end with grep. If
/// SIGPIPE is ignored, the loop ends with std::system_error. The loop does not run out of work
/// while this exists, so it must be stopped.
class ReaderWatch {
public:
    explicit ReaderWatch(event::Loop& loop);

private:
    event::Awaitable<> run();

    std::optional<event::Descriptor> pipe_;
};

}  // namespace notifybridge::status
