#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/relay/decision.hpp"
#include "bridge/wait/run_plan.hpp"
#include "bridge/wait/unit_voice.hpp"

namespace notifybridge::wait {

/// Decides when the runs of a unit's members are over, how the unit ended, and in which order the
/// members get a signal. Pure.
class MembersPlan {
public:
    /// Creates a plan for the members in `names`, numbered in this order. A single container has an
    /// empty name. `watchdog` is the unit's watchdog period in microseconds, or 0 if there is none.
    MembersPlan(const std::vector<std::string>& names, std::uint64_t watchdog);

    /// Returns the object that combines the messages. Returns nullptr if there is only one
    /// container.
    UnitVoice* voice() { return are_several_ ? &voice_ : nullptr; }

    /// These functions return the unit's message for an event, which may be empty.
    relay::Decision opening();
    relay::Decision run_ended(std::size_t member, std::optional<process::ExitStatus> end);
    /// Call this when the whole unit is asked to stop, and again for each further request.
    relay::Decision stop_begins();

    void run_began(std::size_t member);
    /// Records that a run continues. `said` is the state that an earlier `wait` has sent. Sets
    /// `message` to the unit's message, which may be empty. Returns the phase of the unit that the
    /// service manager knows.
    notify::Phase run_resumed(std::size_t member, const notify::State& said,
                              relay::Decision& message);
    /// Records that no runs will come after the present runs.
    void no_run_follows() { is_last_ = true; }
    /// Records that `member` has caught up. Returns whether all members have caught up.
    bool caught_up(std::size_t member);

    /// Returns true once each time the unit's runs are over. The runs are over if no run is alive,
    /// and each member has had a run or will have none.
    bool becomes_over();

    /// Returns how the unit ended: the most serious end of a member, or the first of several
    /// equally serious ends. Returns nullopt if that member's run broke off. A run that broke off
    /// before the unit was asked to stop does not count, because the other runs continued.
    std::optional<process::ExitStatus> end() const;

    /// Returns which members get `signal` now. If the signal asks several members to end, only the
    /// last live member gets it now. `next_to_stop` returns the others in turn. `lives` contains
    /// for each member whether its `wrap` is alive.
    std::vector<std::size_t> signalled(int signal, const std::vector<bool>& lives);

    /// Returns the signal that asks several members to end one after the other, or 0 if there is
    /// none.
    int stop_signal() const { return stop_signal_; }
    /// Returns the member to stop next. Returns nullopt if no member is alive. Members depend on
    /// those before them, so the first member ends last.
    static std::optional<std::size_t> next_to_stop(const std::vector<bool>& lives);

private:
    struct Member {
        RunPhase phase = RunPhase::none;
        std::optional<process::ExitStatus> end = {};  ///< How the member's last run ended.
        bool has_caught_up = false;
        bool was_killed_before_stop = false;
    };

    bool is_over() const;

    std::vector<Member> members_;
    bool are_several_;
    UnitVoice voice_;
    bool is_under_way_ = false;  ///< Whether a run has begun and the last run has not ended.
    bool is_asked_ = false;      ///< Whether the whole unit was asked to stop.
    bool is_last_ = false;       ///< Whether no runs will come after the present runs.
    /// The signal that asks several members to end one after the other.
    int stop_signal_ = 0;
};

}  // namespace notifybridge::wait
