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

/// Decides when the runs of a unit's members are over, how they ended as a whole, and in which
/// order they are signalled. Pure.
class MembersPlan {
public:
    /// `names` are the members, which are then numbered in this order. If the unit has only one
    /// container, its name is empty. `watchdog` is the unit's, in microseconds, or 0.
    MembersPlan(const std::vector<std::string>& names, std::uint64_t watchdog);

    /// Returns the object that combines the messages; nullptr if there is only one container.
    UnitVoice* voice() { return are_several_ ? &voice_ : nullptr; }

    /// These return what the unit says because of the event, which may be nothing.
    relay::Decision opening();
    relay::Decision run_ended(std::size_t member, std::optional<process::ExitStatus> end);
    /// The whole unit is asked to stop. Called again for each further request.
    relay::Decision stop_begins();

    void run_began(std::size_t member);
    /// Returns the phase of the unit.
    notify::Phase run_resumed(std::size_t member, const notify::State& said);
    /// No runs will come after those that are there.
    void command_ended() { is_last_ = true; }
    /// Returns whether all members have caught up.
    bool caught_up(std::size_t member);

    /// Returns whether everything has become over since the last call: no run lives, and each
    /// member had one or no more will come.
    bool becomes_over();

    /// Returns how everything ended: the end of the first member that failed, or nullopt if that
    /// one broke off. A run that broke off before the unit was asked to stop does not count:
    /// somebody killed it, and the others went on.
    std::optional<process::ExitStatus> end() const;

    /// Returns which members get this signal now. A signal that asks for an end goes to the last of
    /// several members first, and to the one before once that has ended. `lives` says for each
    /// member whether its `wrap` lives.
    std::vector<std::size_t> signalled(int signal, const std::vector<bool>& lives);

    /// Returns the signal that asks several members to end, one after the other; 0 if none does.
    int stop_signal() const { return stop_signal_; }
    /// Returns the member to stop next, if one lives. Members depend on those that are named before
    /// them, so the first ends last.
    static std::optional<std::size_t> next_to_stop(const std::vector<bool>& lives);

private:
    struct Member {
        RunPhase phase = RunPhase::none;
        std::optional<process::ExitStatus> end = {};  ///< The end of its last run.
        bool has_caught_up = false;
        bool was_killed_before_stop = false;
    };

    bool is_over() const;

    std::vector<Member> members_;
    bool are_several_;
    UnitVoice voice_;
    bool is_under_way_ = false;  ///< A run has begun, and the last has not ended.
    bool is_asked_ = false;      ///< The whole unit is asked to stop.
    bool is_last_ = false;       ///< No runs will come after those that are there.
    int stop_signal_ = 0;        ///< Asks several members to end, one after the other.
};

}  // namespace notifybridge::wait
