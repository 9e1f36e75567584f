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
    std::string name;  ///< Of the subdirectory; empty where the unit has but one container.
    std::string path;
    system::UniqueFd directory;
};

/// Follows the containers of a unit: one, or several side by side, whose runs count as one.
class Members {
public:
    /// `fds` are handed in to the commands of runs that ask for them, in each of the members.
    Members(event::Loop& loop, std::vector<Member> members, const Courier::Options& options,
            const relay::Policy& policy, relay::Uplink& uplink, relay::NamedFds fds,
            relay::Reasons* reasons);

    /// One of the members, and what follows its runs.
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
    std::function<void()> on_over;       ///< The last run that there is was followed to its end.
    std::function<void()> on_caught_up;  ///< What `command_gone` asked for is done.
    std::function<void()> on_next_stop;  ///< During a stop, one has ended, and the next is asked.
    std::function<void()> on_ready;      ///< READY=1 was sent, maybe by a `wait` before us.
    std::function<void()> on_stopping;   ///< STOPPING=1 was.
    std::function<void(std::chrono::microseconds)> on_extend_timeout;

    /// Follows them until the loop ends.
    void begin();

    /// As the couriers do, each.
    void announce();
    void depart();
    void adopt_older();
    void command_gone();

    /// Whether one of them is to end a run that an earlier `wait` left behind.
    bool has_leftover();

    /// Whether a run's `wrap` lives, however far its messages were carried.
    bool writer_lives();

    /// How it all ended, where no run goes on: as the first that failed; nothing where that broke
    /// off. A run that broke off before the whole was asked to end does not count: somebody killed
    /// it, and the rest went on.
    std::optional<process::ExitStatus> end() const;

    /// Has `wrap` send this signal to its command, in each run; one that asks for an end in the
    /// last member, and in the one before once that has ended. False where it cannot be told now.
    bool signal_runs(int signal);

    /// The whole is asked to end.
    void stop_begins();

    /// Sends this for the unit, of which no container speaks by it.
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
    bool is_under_way_ = false;  ///< A run began, and the last has not ended.
    bool is_asked_ = false;      ///< The whole is asked to end.
    bool is_last_ = false;       ///< No further runs come but those that are there.
    int stop_signal_ = 0;        ///< What the runs are asked to end by, one after the other.
};

}  // namespace notifybridge::wait
