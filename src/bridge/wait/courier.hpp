#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/event/burst_watch.hpp"
#include "base/event/file_watch.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/peer.hpp"
#include "bridge/wait/delivery.hpp"
#include "bridge/wait/event.hpp"
#include "bridge/wait/leftover.hpp"
#include "bridge/wait/run_plan.hpp"

namespace notifybridge::wait {

/// Sends the messages in the journal of `wrap` to the service manager. Finds the run in the shared
/// directory, reads its records, sends them in order, and acknowledges them.
class Courier {
public:
    struct Options {
        std::size_t member = 0;  ///< The number of the container within the unit.
        std::string name;        ///< The container's name, if there are several containers.
        /// The unit's facts. A run is resumed only within one invocation of the unit.
        Attachment::Unit unit;
        bool adopts_older = false;  ///< Whether to read a run that began before this `wait`.
        bool translates_main_pid = false;
        std::uint64_t rate = 10'000;  ///< Messages per second, after a burst; 0 means no limit.
    };

    /// `directory` is the shared directory, which must outlive this object. This object passes
    /// `fds` to the command of a run that asks for descriptors.
    Courier(event::Loop& loop, system::Fd directory, Options options, relay::Policy policy,
            relay::Uplink& uplink, relay::NamedFds fds = {}, relay::Reasons* reasons = nullptr);
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Receives the events of runs: RunBegan, RunResumed, RunEnded and CaughtUp. Also receives
    /// DirectoryRemoved, at most once.
    OnEvent on_event;

    /// Returns the object that sends the messages. Other objects set its callbacks.
    Forwarder& forwarder() { return forwarder_; }
    const Forwarder& forwarder() const { return forwarder_; }

    /// Returns the leftover run, which must end before our command can start a run. Use this before
    /// `run`.
    Leftover& leftover() { return leftover_; }

    /// Writes the file "host", which shows `wrap` that this `wait` exists. Throws std::system_error
    /// if this fails.
    void announce() { attachment_.announce(); }

    /// Follows runs until the loop ends.
    event::Awaitable<> run();

    /// Undoes `announce` at an orderly end. If the run continues, informs its `wrap` that this
    /// `wait` has left.
    void depart();

    RunPhase phase() const { return plan_.phase(); }
    /// Returns the exit status of the ended run's command. Returns nullopt if the run broke off.
    std::optional<process::ExitStatus> end() const { return plan_.end(); }

    /// Also accepts, from now on, a run that began before this `wait`.
    void adopt_older() { options_.adopts_older = true; }

    /// Shows in the file "host" that this `wait` works without a feature of the kernel.
    void show_missing(const std::string& feature) { attachment_.show_missing(feature); }

    /// Sends no messages of the container from now on.
    void mute();

    /// Accepts, from now on, that a run ends without a record, because the container is removed.
    void expect_removal() { is_removed_ = true; }

    /// Records that the command was started as `pid`. Runs are in containers that this command
    /// starts. While `pid` runs, a run whose lock we cannot see counts as alive, even if the run
    /// writes nothing.
    void command_started(pid_t pid);

    /// Records that the command has ended. The courier then looks for a run, reads everything that
    /// the run has written so far, and reports CaughtUp.
    void command_gone();

    /// Returns whether the `wrap` of the run is alive, even if some of its messages were not sent
    /// yet.
    bool writer_lives() { return reader_ && peer_.lives(*reader_); }

    /// Returns whether an earlier `wait` of this invocation has read a run.
    bool resumes() const { return attachment_.resumed_run().has_value(); }

    /// Makes `wrap` send `signal` to its command. Returns false if `wrap` cannot get the signal
    /// now.
    bool signal_run(int signal) { return attachment_.signal_run(signal); }

private:
    /// The record at which reading a run begins.
    enum class Start { every_record, after_acknowledged, from_state };

    // Defined in courier_run.cpp: these functions decide which run is followed, where reading
    // begins, and when the run is over.
    std::unique_ptr<channel::JournalReader> open_journal();
    bool open_run();
    bool attach(const channel::JournalReader& reader);
    std::optional<Start> start_of(const channel::JournalReader& reader);
    bool reopen();
    bool is_command(const channel::JournalReader& reader);
    void emit(const Event& event) const;
    RunPlan::Step look();
    event::Awaitable<> close_if_over();
    void close();

    // Defined in courier.cpp: these functions decide what is read, and when.
    event::Awaitable<> await_run();
    event::Awaitable<bool> take_up();
    event::Awaitable<> try_again_later();
    event::Awaitable<> follow();
    event::Awaitable<bool> read_available();
    event::Awaitable<bool> send_digest(std::uint64_t last);
    event::Awaitable<> report_earlier_state();
    event::Awaitable<> release_memory();
    std::optional<relay::ContainerProcess> find_process(pid_t pid);
    event::Awaitable<event::FileWatch::Change> await_change();
    void doubt(const channel::JournalFault& fault);
    event::Awaitable<> await_turn(relay::RateLimit& limit, std::uint64_t count = 1);
    void emit_caught_up();
    void report(const channel::JournalFault& fault);

    event::Loop& loop_;
    system::Fd directory_;
    util::NamedLog log_;
    std::uint64_t pid_namespace_;  ///< The pid namespace of this process.
    channel::Peer peer_;           ///< The `wrap` of the run.
    Options options_;
    relay::NamedFds fds_;  ///< Sockets that systemd has passed for the command.
    relay::FdLane lane_;
    Forwarder forwarder_;
    Attachment attachment_;
    Leftover leftover_;
    Delivery delivery_;
    std::optional<channel::RunId> older_run_;  ///< The run that began before this `wait`.
    std::optional<channel::RunId> done_run_;   ///< The run that must not be read again.
    event::FileWatch watch_;
    event::Timer pause_;
    event::BurstWatch burst_;
    std::unique_ptr<channel::JournalReader> reader_;
    Start start_ = Start::every_record;
    RunPlan plan_;
    std::optional<pid_t> command_;  ///< The pid of the command, which may have ended.
    bool is_removed_ = false;  ///< Whether the container is removed, so that its run ends unseen.
    bool directory_gone_ = false;
    bool journal_gone_ = false;  ///< Whether the journal was removed during the run.
    std::string reported_fault_;
    util::LogLimit reported_;
    relay::RateLimit fruitless_looks_;
    relay::RateLimit new_runs_;
    relay::RateLimit folded_bytes_;
    relay::RateLimit searches_;
};

}  // namespace notifybridge::wait
