#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bridge/simulation/history.hpp"
#include "bridge/simulation/ledger.hpp"
#include "bridge/simulation/random.hpp"
#include "bridge/simulation/sides.hpp"

namespace notifybridge::bridge::simulation {

/// A unit with its containers, its `wait` and its service manager. A seed decides what happens. All
/// code of the bridge is real, and so are its files and sockets. The clock, the random numbers and
/// the failures of system calls are simulated. So a seed always gives the same world.
class World {
public:
    World(std::uint64_t seed, bool records);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    /// Runs the world. Returns the promise that was broken, or an empty text.
    std::string live();

    const History& history() const { return history_; }
    std::size_t calls() const { return faults_.calls().size(); }
    /// Returns a number that two worlds share only if the same actions happened in them.
    std::uint64_t fingerprint() const { return fingerprint_; }

private:
    struct Place;

    // The actions of a world.
    void step();
    void impair();
    bool turn(int process);
    bool turn_of_any();
    bool turn_all();
    void advance(std::chrono::microseconds span);
    void act_in(Place& place);
    void say_in(Place& place);
    void send_barrier_in(Place& place);
    void end_app_in(Place& place, process::ExitStatus end);
    bool start_run_in(Place& place);
    void bury_run_in(Place& place, bool was_killed);
    bool start_wait();
    void bury_wait(bool was_killed);
    void happened(const wait::Event& event);
    bool manager_reads();
    void received(test::Manager::Received& message);
    std::string fault_of_content(const notify::Message& message,
                                 const std::optional<Mark>& mark) const;
    std::string fault_of_rate();
    std::string fault_of_end(process::ExitStatus end) const;
    void signal_wait(int signal);
    void damage_journal(Place& place);
    void check_signals(Place& place);
    void plan_kill();
    void plan_interruption();
    void plan_fault();

    // Check the promises that a world must keep, and report a broken one with `fail`.
    void settle();
    bool is_settled();
    void check_barriers(Place& place);
    void check_life_without_wait();
    std::string missing_messages() const;
    void check_quiet();
    void check_files();
    void check_status(Place& place);
    void check_state();
    void check_idleness();
    void fail(const std::string& what);
    bool is_over() const { return !wrong_.empty(); }

    Random random_;
    History history_;
    test::Faults faults_;
    std::string wrong_;
    std::uint64_t fingerprint_ = 0;

    std::deque<Place> places_;
    std::unique_ptr<Process<Host>> wait_;
    unsigned invocation_ = 0;
    bool next_is_new_ = true;  ///< Whether the next `wait` has a new invocation.
    bool keeps_attached_;
    bool is_status_old_ = false;  ///< Whether container-status may lack the last message.
    bool is_host_old_ = false;    ///< Whether `host` may lack the last run.
    bool stops_run_;              ///< Whether a requested end of `wait` also ends the app.
    /// When the end of `wait` was requested.
    std::optional<std::chrono::microseconds> sigterm_at_;
    bool may_merge_;
    std::chrono::microseconds wait_began_{0};
    /// How many messages of apps have arrived since `wait_began_`.
    std::uint64_t messages_of_wait_ = 0;
    bool is_quiet_ = false;  ///< Whether all simulated failures have ended.
    std::vector<int>
        running_;  ///< The processes whose code runs now; each interrupts the one before.

    test::TemporaryDirectory manager_place_;
    std::optional<test::Manager> manager_;
    std::vector<system::UniqueFd> manager_barriers_;
    notify::State manager_state_;
    std::chrono::microseconds manager_reads_at_{0};
    std::chrono::microseconds manager_returns_at_{0};
};

}  // namespace notifybridge::bridge::simulation
