#pragma once

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::status {

/// Ends this process as its next write would, by SIGPIPE, once nobody reads its standard output any
/// more, as that may be long after: `status --follow | grep -m1 READY=1` is to end with grep. Where
/// SIGPIPE is ignored, the loop ends with std::system_error. A loop has more to wait for by it, and
/// has to be stopped.
class ReaderWatch {
public:
    explicit ReaderWatch(event::Loop& loop);

private:
    event::Awaitable<> run();

    std::optional<event::Descriptor> pipe_;
};

}  // namespace notifybridge::status
