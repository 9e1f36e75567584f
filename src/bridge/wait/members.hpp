#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/wait/courier.hpp"
#include "bridge/wait/unit_voice.hpp"

namespace notifybridge::wait {

/// A container of the unit, and the directory that it shares with us.
struct Member {
    std::string name;  ///< The name of the subdirectory; empty if the unit has only one container.
    std::string path;
    system::UniqueFd directory;
};

/// Follows the containers of a unit: one, or several side by side, whose runs count as one.
class Members {
public:
    /// `fds` are passed to the commands of runs that ask for them, in each member.
    Members(event::Loop& loop, std::vector<Member> members, const Courier::Options& options,
            const relay::Policy& policy, relay::Uplink& uplink, relay::NamedFds fds,
            relay::Reasons* reasons);

    /// A member, and the courier that follows its runs.
    struct Followed {
        template <typename... Arguments>
        explicit Followed(event::Loop& loop, Member followed, Arguments&&... arguments)
            : member(std::move(followed)),
              courier(loop, member.directory, std::forward<Arguments>(arguments)...) {}

        Member member;
        Courier courier;
        bool has_caught_up = false;
        bool was_killed_before_stop = false;
    };
    std::list<Followed>& all() { return all_; }
    const std::list<Followed>& all() const { return all_; }

    std::function<void(Followed&)> on_run_began;
    std::function<void()> on_over;       ///< The last run that is there was followed to its end.
    std::function<void()> on_caught_up;  ///< Everything that `command_gone` asked for is done.
    std::function<void()>
        on_next_stop;                ///< During a stop, a member has ended and the next was asked.
    std::function<void()> on_ready;  ///< READY=1 was sent, maybe by a `wait` before us.
    std::function<void()> on_stopping;  ///< STOPPING=1 was sent.
    std::function<void(std::chrono::microseconds)> on_extend_timeout;

    /// Follows the members until the loop ends.
    void begin();

    /// Call the same function of each courier.
    void announce();
    void depart();
    void adopt_older();
    void command_gone();

    /// Returns whether a member has to end a run that an earlier `wait` left behind.
    bool has_leftover();

    /// Returns whether a run's `wrap` lives, even if its messages were not all carried.
    bool writer_lives();

    /// Returns how everything ended, once no run lives: the end of the first member that failed, or
    /// nullopt if that one broke off. A run that broke off before the unit was asked to stop does
    /// not count: somebody killed it, and the others went on.
    std::optional<process::ExitStatus> end() const;

    /// Makes `wrap` send this signal to its command, in each run. A signal that asks for an end
    /// goes to the last of several members first, and to the one before once that has ended.
    /// Returns false if `wrap` cannot be told now.
    bool signal_runs(int signal);

    /// Notes that the whole unit is asked to stop.
    void stop_begins();

    /// Sends a message of the unit that does not come from a container.
    void say(relay::Decision decision);

private:
    bool are_several() const { return all_.size() > 1 || !all_.front().member.name.empty(); }
    void follow(Followed& followed, std::size_t number);
    void run_changed(Followed& followed, std::size_t number);
    void run_resumed(std::size_t number, const notify::State& said);
    bool is_over() const;
    void tell_if_over();
    void ask_next();
    event::Awaitable<> send(relay::Uplink::Turn turn, std::shared_ptr<relay::Decision> decision);
    void sent(const relay::Decision& decision) const;

    event::Loop& loop_;
    relay::Uplink& uplink_;
    std::list<Followed> all_;
    UnitVoice voice_;
    bool is_under_way_ = false;  ///< A run has begun, and the last has not ended.
    bool is_asked_ = false;      ///< The whole unit is asked to stop.
    bool is_last_ = false;       ///< No runs will come after those that are there.
    int stop_signal_ = 0;        ///< The signal that asks the runs to end, one after the other.
};

}  // namespace notifybridge::wait
