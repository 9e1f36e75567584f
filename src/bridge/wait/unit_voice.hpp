#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/relay/decision.hpp"

namespace notifybridge::wait {

/// Combines the messages of a unit's several containers, its members. The unit is ready once all
/// members are. It reloads while one does, stops when all that are left do, and is alive while each
/// member that pings does. Pure.
class UnitVoice {
public:
    /// `names` are the members, which are then numbered in this order. `watchdog` is the unit's, in
    /// microseconds, or 0 if it has none.
    UnitVoice(const std::vector<std::string>& names, std::uint64_t watchdog);

    /// Returns the unit's first message: which members are missing.
    relay::Decision opening();

    /// Replaces what a member says, after the policy, with what the unit says because of it; that
    /// may be nothing. Each decision has to be sent before the next is made.
    void speak(std::size_t member, relay::Decision& decision);

    void run_began(std::size_t member);
    /// Notes that the run goes on, and that an earlier `wait` has sent what it `said`.
    void run_resumed(std::size_t member, const notify::State& said);
    /// Notes the end of a run; without `end`, the run broke off.
    relay::Decision run_ended(std::size_t member, std::optional<process::ExitStatus> end);

    /// Notes that the whole unit is being stopped: the first STOPPING=1 is the unit's, and ends of
    /// members are not reported any more.
    relay::Decision stop_begins();

    /// Returns the phase of the unit.
    notify::Phase phase() const { return phase_; }

private:
    struct Member {
        std::string name;
        notify::State said = {};  ///< The messages of its last run, without times.
        bool lives = false;
        bool was_ready = false;     ///< It became ready in its last run.
        bool has_failed = false;    ///< Its last run ended with a failure.
        bool had_run = false;       ///< It had a run before the one that lives.
        bool has_watchdog = false;  ///< It pings in this run.
        bool has_pinged = false;    ///< It has pinged since the unit's last WATCHDOG=1.
    };

    static bool is_ready(const Member& member);
    static std::string status_of(const Member& member);
    bool any_lives_in(notify::Phase phase) const;
    bool all_stop() const;
    std::string missing() const;
    std::string status() const;
    void become_ready();
    void turn(relay::Decision& decision, const Member* member);
    bool passes_ping(Member& member);
    void ask_for_watchdog(std::string& text);
    void add_status(std::string& text);

    std::vector<Member> members_;
    std::uint64_t unit_watchdog_;
    std::uint64_t watchdog_;  ///< The time that was last requested for the unit.
    notify::Phase phase_ = notify::Phase::starting;  ///< The phase of the unit.
    std::string last_status_;  ///< The last status of a member, with its name.
    std::string said_status_;  ///< The last status of the unit that was sent.
    bool is_asked_to_stop_ = false;
};

}  // namespace notifybridge::wait
