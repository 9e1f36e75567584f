#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/wakeup.hpp"
#include "base/process/command_process.hpp"
#include "base/process/helpers.hpp"
#include "base/process/signal_plan.hpp"

namespace notifybridge::process {

/// Ends the processes that a supervisor's command and its helpers left behind.
class Orphans {
public:
    /// `are_adopted` means that this process reaps orphans. If not, only helpers are ended.
    Orphans(event::Loop& loop, bool are_adopted, const SignalPlan& signals,
            const CommandProcess& command, Helpers& helpers);

    bool are_adopted() const { return are_adopted_; }

    /// Does what Supervisor::end_orphans describes, except for the first look for ended children.
    event::Awaitable<> end(std::chrono::microseconds grace);
    void spare() { are_spared_ = true; }
    void hurry();

    /// Records that ended children were reaped.
    void reaped() { reaped_.raise(); }

private:
    bool end_was_expected() const;
    bool are_any_left();
    event::Awaitable<> await_end();
    bool command_left_some() const;
    void signal(int signal) const;
    std::vector<pid_t> all() const;
    event::Awaitable<> leave_unseen();
    void ask_to_end() const;
    void continue_stopped() const;
    void warn_of_kill(std::string_view why) const;

    event::Loop& loop_;
    bool are_adopted_;
    const SignalPlan& signals_;
    const CommandProcess& command_;
    Helpers& helpers_;
    event::Wakeup reaped_;
    event::Deadline patience_;
    bool patience_over_ = false;
    bool are_spared_ = false;
    /// Whether some processes below us belong to another unit of systemd, and go on after our end.
    bool leaves_other_units_ = false;
};

}  // namespace notifybridge::process
