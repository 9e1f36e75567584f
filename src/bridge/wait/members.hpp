#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/wait/courier.hpp"
#include "bridge/wait/event.hpp"
#include "bridge/wait/unit_voice.hpp"

namespace notifybridge::wait {

/// A container of the unit, and the directory that it shares with us.
struct Member {
    std::string name;  ///< The name of the subdirectory; empty if the unit has only one container.
    std::string path;
    system::UniqueFd directory;
};

/// Follows all containers of a unit at the same time. Numbers them in the order of `members`.
class Members {
public:
    /// Each member passes `fds` to the command of a run that asks for descriptors.
    Members(event::Loop& loop, std::vector<Member> members, const Courier::Options& options,
            const relay::Policy& policy, relay::Uplink& uplink, relay::NamedFds fds,
            relay::Reasons* reasons);

    /// Passes the events of the members to `on_event`. If there are several members, `voice`
    /// combines their messages.
    void connect(UnitVoice* voice, const OnEvent& on_event);

    /// A member, and the courier that follows its runs.
    struct Followed {
        template <typename... Arguments>
        explicit Followed(event::Loop& loop, Member followed, Arguments&&... arguments)
            : member(std::move(followed)),
              courier(loop, member.directory, std::forward<Arguments>(arguments)...) {}

        Member member;
        Courier courier;
    };
    std::deque<Followed>& all() { return all_; }
    const std::deque<Followed>& all() const { return all_; }

    /// Starts to follow the members. This continues until the loop ends.
    void begin();

    /// These functions call the function of the same name for each courier.
    void announce();
    void depart();
    void adopt_older();
    void command_started(pid_t pid);
    void command_gone();

    /// Sends no messages of the only member from now on.
    void mute() { all_.front().courier.mute(); }

    /// Accepts that the run of the only member ends without a record.
    void expect_removal() { all_.front().courier.expect_removal(); }

    /// Shows in each file "host" that this `wait` works without a feature of the kernel.
    void show_missing(const std::string& feature);

    /// Returns whether an earlier `wait` of this invocation has read a run.
    bool resumes() const;

    /// Returns whether an earlier `wait` has left behind a run that this `wait` must end.
    bool has_leftover();

    /// Returns for each member whether its `wrap` is alive, even if some of its messages were not
    /// sent yet. If the lock of a `wrap` is not visible here, each call checks whether the `wrap`
    /// still increases the beat in its journal.
    std::vector<bool> writers_live();

    /// Makes the `wrap` of each of these members send `signal` to its command. Returns false if no
    /// `wrap` can get the signal now.
    bool signal(const std::vector<std::size_t>& members, int signal);

    /// Sends a message of the unit that does not come from a container.
    void say(relay::Decision message);

private:
    event::Awaitable<> send(relay::Uplink::Turn turn, std::shared_ptr<relay::Decision> message);

    event::Loop& loop_;
    relay::Uplink& uplink_;
    std::deque<Followed> all_;
    OnEvent on_event_;
};

}  // namespace notifybridge::wait
