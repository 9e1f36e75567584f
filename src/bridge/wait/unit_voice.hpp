#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/notify/state.hpp"
#include "base/process/exit_status.hpp"
#include "bridge/relay/decision.hpp"

namespace notifybridge::wait {

/// Puts together what a unit says that has several containers, its members: it is ready once all of
/// them are, reloads while one does, stops when all that are left do, and is alive while each that
/// pings does. Pure.
class UnitVoice {
public:
    /// The members by name; from here on they go by their number in this order. `watchdog` is the
    /// unit's, in microseconds, and 0 where it has none.
    UnitVoice(const std::vector<std::string>& names, std::uint64_t watchdog);

    /// What the unit says first: which members are missing.
    relay::Decision opening();

    /// Makes what a member says, as the policy has left it, what the unit says by it, which may be
    /// nothing. Each decision is to be sent before the next is made.
    void speak(std::size_t member, relay::Decision& decision);

    void run_began(std::size_t member);
    /// The run goes on, and a `wait` before us has sent what it `said`.
    void run_resumed(std::size_t member, const notify::State& said);
    /// A run without an `end` broke off.
    relay::Decision run_ended(std::size_t member, std::optional<process::ExitStatus> end);

    /// The whole is being stopped: the first STOPPING=1 is the unit's, and ends are no news.
    relay::Decision stop_begins();

    /// Where the unit is by what was said.
    notify::Phase phase() const { return phase_; }

private:
    struct Member {
        std::string name;
        notify::State said = {};  ///< In its last run; its times are not kept.
        bool lives = false;
        bool was_ready = false;     ///< In its last run.
        bool has_failed = false;    ///< By the end of its last run.
        bool had_run = false;       ///< Before the one that lives.
        bool has_watchdog = false;  ///< It pings in this run.
        bool has_pinged = false;    ///< Since the unit did.
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
    std::uint64_t watchdog_;                         ///< That the unit was told to have last.
    notify::Phase phase_ = notify::Phase::starting;  ///< The unit's.
    std::string last_status_;                        ///< Of a member, with its name.
    std::string said_status_;                        ///< The unit's.
    bool is_asked_to_stop_ = false;
};

}  // namespace notifybridge::wait
