#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bridge/relay/decision.hpp"
#include "bridge/wait/event.hpp"
#include "bridge/wait/members_plan.hpp"
#include "bridge/wait/wait_plan.hpp"

namespace notifybridge::wait {

/// Decides what `wait` does after an event. Passes the events of members to MembersPlan, and their
/// effect on the unit to WaitPlan. Pure.
class HostPlan {
public:
    using Time = WaitPlan::Time;

    struct Options {
        WaitPlan::Options wait;
        std::vector<std::string> members;  ///< The `names` of MembersPlan.
        /// The period of the unit's watchdog in microseconds, or 0.
        std::uint64_t watchdog = 0;
    };

    /// Facts that are needed to judge an event.
    struct Now {
        Time time;
        /// Whether the `wrap` of each member is alive, even if some of its messages were not read
        /// yet.
        std::vector<bool> writers_live;
    };

    /// A request to send a signal to the apps of these members. If none of them can get the signal,
    /// the command gets it.
    struct SignalRuns {
        int signal = 0;
        std::vector<std::size_t> members = {};

        bool operator==(const SignalRuns&) const = default;
    };
    /// A request to send a signal to the app of one member, during a stop that SignalRuns has
    /// begun.
    struct SignalNext {
        int signal = 0;
        std::size_t member = 0;

        bool operator==(const SignalNext&) const = default;
    };
    /// A request to send a message of the unit that does not come from a container.
    struct Say {
        relay::Decision message;
    };
    struct ReportRemovedDirectory {
        std::size_t member = 0;
    };
    /// A request to stop observing the pull of the image.
    struct EndPull {
        /// Whether the image exists now. If so, the status about the pull is removed.
        bool is_there = false;

        bool operator==(const EndPull&) const = default;
    };
    /// An action. SignalRuns takes the place of WaitPlan's `signal_run`.
    using Action = std::variant<WaitPlan::Action, SignalRuns, SignalNext, Say,
                                ReportRemovedDirectory, EndPull>;
    using Actions = std::vector<Action>;

    explicit HostPlan(const Options& options);

    /// Call this just before the command is started. If there is no command, call this at the
    /// beginning.
    Actions begin(Time now);
    /// Returns what to do after `event`.
    Actions take(const Event& event, const Now& now);
    /// Returns when TimePassed is due. Returns nullopt if no time is set.
    std::optional<Time> next_time() const { return wait_.next_time(); }

    /// Returns the unit's first message, which may be empty.
    relay::Decision opening() { return members_.opening(); }
    /// Returns the object that combines the messages of the members. Returns nullptr if there is
    /// only one container.
    UnitVoice* voice() { return members_.voice(); }
    const WaitPlan& wait() const { return wait_; }

private:
    void on(const RunBegan& event, const Now& now);
    void on(const RunResumed& event, const Now& now);
    void on(const RunEnded& event, const Now& now);
    void on(const CaughtUp& event, const Now& now);
    void on(const DirectoryRemoved& event, const Now& now);
    void on(const Sent& event, const Now& now);
    void on(const Signalled& event, const Now& now);
    void on(const CommandEnded& event, const Now& now);
    void on(const ManagerAnswered& event, const Now& now);
    void on(const TimePassed& event, const Now& now);
    void end_if_over(const Now& now);
    void end_pull(bool is_there);
    void say(relay::Decision message);
    void add(const WaitPlan::Actions& actions, const Now& now);
    void signal_runs(int signal, const Now& now);

    bool has_command_;
    bool keeps_attached_;
    std::chrono::microseconds stop_timeout_;
    MembersPlan members_;
    WaitPlan wait_;
    /// Whether the pull is still observed.
    bool pull_goes_on_;
    /// Whether the start of a run would still remove the reported status of the pull.
    bool may_take_back_;
    Actions actions_;
};

}  // namespace notifybridge::wait
