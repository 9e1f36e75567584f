#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "base/event/descriptor.hpp"
#include "base/event/loop.hpp"
#include "bridge/wrap/wrap_plan.hpp"

namespace notifybridge::wrap {

/// Watches processes that send READY=1 and are not the command. Warns once if such a process ends
/// while the command continues. The process may have been a temporary server, which some entry
/// points start to prepare a database.
class ReadySpeakers {
public:
    ReadySpeakers(event::Loop& loop, const WrapPlan& plan) : loop_(loop), plan_(plan) {}

    void said_ready(pid_t speaker);
    void said_stopping(pid_t speaker);

private:
    struct Speaker {
        std::string name;
        std::uint64_t ready_usec = 0;  ///< When the process sent READY=1.
        bool said_stopping = false;
        /// The descriptor becomes readable when the process has ended.
        std::optional<event::Descriptor> end = {};
    };

    event::Awaitable<> watch(pid_t pid);

    event::Loop& loop_;
    const WrapPlan& plan_;
    std::map<pid_t, Speaker> speakers_;
    bool has_warned_ = false;
};

}  // namespace notifybridge::wrap
