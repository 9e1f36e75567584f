#pragma once

#include <optional>

#include "base/event/descriptor.hpp"

namespace notifybridge::status {

/// A watch that ends this process with SIGPIPE as soon as no process can read its standard output.
/// Without this object, only the next write would end the process, which may happen much later. So
/// `status --follow | grep -m1 READY=1` ends together with grep. If SIGPIPE is ignored, the loop
/// ends with std::system_error. This object keeps the loop running, so end the loop with `stop`.
class ReaderWatch {
public:
    explicit ReaderWatch(event::Loop& loop);

private:
    event::Awaitable<> run();

    std::optional<event::Descriptor> pipe_;
};

}  // namespace notifybridge::status
