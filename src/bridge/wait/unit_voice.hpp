#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/relay/decision.hpp"

namespace notifybridge::wait {

/// Combines the messages of a unit's several containers, which are its members. The unit is ready
/// when all members are ready. The unit reloads while a member reloads, and stops when all
/// remaining members stop. The unit is alive while every member that pings is alive. Pure.
class UnitVoice {
public:
    /// Creates an object for the members in `names`, numbered in this order. `watchdog` is the
    /// unit's watchdog period in microseconds, or 0 if the unit has no watchdog.
    UnitVoice(const std::vector<std::string>& names, std::uint64_t watchdog);

    /// Returns the unit's first message, which names the missing members.
    relay::Decision opening();

    /// Replaces a member's message, which the policy has already filtered, with the unit's message,
    /// which may be empty. The caller must send each decision before it calls this function again.
    void speak(std::size_t member, relay::Decision& decision);

    void run_began(std::size_t member);
    /// Records that the run continues. `said` is the state that an earlier `wait` has sent. Returns
    /// the unit's message, because members that were resumed before may have changed the phase.
    relay::Decision run_resumed(std::size_t member, const notify::State& said);
    /// Records the end of a run. If `end` is nullopt, the run broke off.
    relay::Decision run_ended(std::size_t member, std::optional<process::ExitStatus> end);

    /// Records that the whole unit was asked to stop. From now on, the unit sends STOPPING=1 as
    /// soon as one member does. The status no longer reports how members end.
    relay::Decision stop_begins();

    /// Returns the phase of the unit.
    notify::Phase phase() const { return phase_; }

private:
    struct Member {
        std::string name;
        notify::State said = {};  ///< The messages of the member's last run, without times.
        /// The phase that an earlier `wait` has seen, if that `wait` followed this run.
        std::optional<notify::Phase> resumed_in = {};
        bool lives = false;
        bool was_ready = false;     ///< Whether the member became ready in its last run.
        bool has_failed = false;    ///< Whether the member's last run ended with a failure.
        bool had_run = false;       ///< Whether a run of the member has ended.
        bool has_watchdog = false;  ///< Whether the member pings in this run.
        /// Whether the member has pinged since the unit's last WATCHDOG=1.
        bool has_pinged = false;
    };

    static bool is_ready(const Member& member);
    static std::string status_of(const Member& member);
    bool any_lives_in(notify::Phase phase) const;
    bool all_stop() const;
    std::string missing() const;
    std::string status() const;
    void take_status(const Member& member);
    void complete_status();
    void become_ready();
    void turn(relay::Decision& decision, const Member* member);
    bool passes_ping(Member& member);
    void ask_for_watchdog(std::string& text);
    void add_status(std::string& text);

    std::vector<Member> members_;
    std::uint64_t unit_watchdog_;
    /// The watchdog period that was last requested for the unit, in microseconds.
    std::uint64_t watchdog_;
    notify::Phase phase_ = notify::Phase::starting;  ///< The phase of the unit.
    std::string last_status_;  ///< The last status of a member, with its name.
    std::string said_status_;  ///< The last status that was sent for the unit.
    bool is_asked_to_stop_ = false;
};

}  // namespace notifybridge::wait
