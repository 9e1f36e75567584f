#pragma once

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::status {

/// Ends this process with SIGPIPE as soon as nobody can read its standard output. The next write
/// would do the same, but may come much later: `status --follow | grep -m1 READY=1` should end with
/// grep. If SIGPIPE is ignored, the loop ends with std::system_error. The loop runs as long as this
/// object waits, so call `stop`.
class ReaderWatch {
public:
    explicit ReaderWatch(event::Loop& loop);

private:
    event::Awaitable<> run();

    std::optional<event::Descriptor> pipe_;
};

}  // namespace notifybridge::status
