#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/event/file_watch.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/relay/pulse.hpp"
#include "bridge/wait/delivery.hpp"
#include "bridge/wait/leftover.hpp"
#include "bridge/wait/run_plan.hpp"

namespace notifybridge::wait {

/// Carries what `wrap` journals to the service manager: finds the run in the shared directory,
/// reads its records, sends them in order and acknowledges them.
class Courier {
public:
    struct Options {
        std::string name;           ///< Of the container, where it is one of several.
        Attachment::Unit unit;      ///< A run is resumed within one invocation of it.
        bool adopts_older = false;  ///< A run that was there before us counts.
        bool translates_main_pid = false;
        std::uint64_t rate = 10'000;  ///< Messages a second, after a burst; 0 is no limit.
    };

    /// `directory` is the shared directory, which outlives this.
    /// `fds` are handed in to the commands of runs that ask for them.
    Courier(event::Loop& loop, system::Fd directory, Options options, relay::Policy policy,
            relay::Uplink& uplink, relay::NamedFds fds = {}, relay::Reasons* reasons = nullptr);
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    std::function<void()> on_run_change;
    /// A run is taken up that had said this to a `wait` before us, which sent it. It is not folded
    /// where nobody asks.
    std::function<void(const notify::State&)> on_resumed;
    std::function<void()> on_caught_up;       ///< What `command_gone` asked for is done.
    std::function<void()> on_directory_gone;  ///< It was removed while no run was there; once.

    /// Whether the command runs that has the run in it: as long as it does, a run lives whose lock
    /// does not reach us, though it may stand still.
    std::function<bool()> command_runs;

    /// What it sends with; its callbacks are for others.
    Forwarder& forwarder() { return forwarder_; }
    const Forwarder& forwarder() const { return forwarder_; }

    /// The run that is in the way of one that a command of ours starts, before `run`.
    Leftover& leftover() { return leftover_; }

    /// Writes the file "host", from which `wrap` knows us. Throws where that cannot be.
    void announce() { attachment_.announce(); }

    /// Follows runs until the loop ends.
    event::Awaitable<> run();

    /// Takes back what `announce` said, at an orderly end; a run that goes on is left to itself.
    void depart();

    RunPhase phase() const { return plan_.phase(); }
    /// How the command of the run that ended did; nothing where the run broke off.
    std::optional<process::ExitStatus> end() const { return plan_.end(); }

    /// From now on a run that was there before us counts. Takes effect with the next look.
    void adopt_older() { options_.adopts_older = true; }

    /// The command is gone. Looks for a run, and reads all that the one there wrote until now; then
    /// `on_caught_up`.
    void command_gone();

    /// Whether the run's `wrap` lives at this moment, however far its messages were carried.
    bool writer_lives() { return reader_ && lives(*reader_); }

    /// Whether the run's `wrap` lives, and says that it is this process of our own pid namespace.
    bool is_run_of(pid_t pid);

    /// Whether its `wrap` knows of signals through the directory.

    /// Whether a `wait` of this invocation was there before us.
    bool resumes() const { return attachment_.resumed_run().has_value(); }

    /// Whether a `wait` before us began to read it.
    bool is_resumed() const { return reader_ && start_ == Start::after_acknowledged; }

    /// Has `wrap` send this signal to its command. False where it cannot be told now.
    bool signal_run(int signal) { return attachment_.signal_run(signal); }

private:
    /// How a run is taken up.
    enum class Start { every_record, after_acknowledged, from_state };

    // courier_run.cpp: which run it is, from where on it is read, and when it is over.
    std::unique_ptr<channel::JournalReader> open_journal();
    bool open_run();
    bool attach(const channel::JournalReader& reader);
    std::optional<Start> start_of(const channel::JournalReader& reader);
    void take_up_again();
    bool reopen();
    bool lives(const channel::JournalReader& reader);
    bool is_written(const channel::JournalReader& reader);
    bool shows_by_lock(const channel::JournalReader& reader) const;
    bool beats(const channel::JournalReader& reader);
    RunPlan::Step look();
    event::Awaitable<> close_if_over();
    void close();

    // courier.cpp: what it reads, and when it looks.
    event::Awaitable<> await_run();
    event::Awaitable<> take_up();
    event::Awaitable<> follow();
    event::Awaitable<bool> read_available();
    event::Awaitable<> send_digest_of_all();
    event::Awaitable<> tell_what_was_said();
    std::optional<relay::ContainerProcess> find_process(pid_t pid);
    event::Awaitable<event::FileWatch::Change> await_change();
    void doubt(const channel::JournalFault& fault);
    event::Awaitable<> await_turn(relay::RateLimit& limit, std::uint64_t count = 1);
    void say_caught_up();
    void report(const channel::JournalFault& fault);

    event::Loop& loop_;
    system::Fd directory_;
    util::NamedLog log_;
    std::uint64_t pid_namespace_;  ///< Ours.
    bool is_remote_;               ///< Locks and events of the container's side do not reach us.
    Options options_;
    relay::NamedFds fds_;  ///< What systemd passed to us, for the command.
    relay::FdLane lane_;
    Forwarder forwarder_;
    Attachment attachment_;
    Leftover leftover_;
    Delivery delivery_;
    std::optional<channel::RunId> older_run_;  ///< The run that was there before us.
    std::optional<channel::RunId> heard_run_;  ///< The run that `pulse_` is of until one is read.
    std::optional<channel::RunId> done_run_;   ///< The run that is not to be taken up again.
    event::FileWatch watch_;
    event::Timer pause_;
    std::unique_ptr<channel::JournalReader> reader_;
    Start start_ = Start::every_record;
    RunPlan plan_;
    bool directory_gone_ = false;
    relay::Pulse pulse_;
    std::string reported_fault_;
    util::LogLimit reported_;
    relay::RateLimit fruitless_looks_;
    relay::RateLimit new_runs_;
    relay::RateLimit folded_bytes_;
    relay::RateLimit searches_;
};

}  // namespace notifybridge::wait
