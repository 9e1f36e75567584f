#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/event/file_watch.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/journal_reader.hpp"
#include "bridge/relay/pulse.hpp"
#include "bridge/wait/delivery.hpp"
#include "bridge/wait/event.hpp"
#include "bridge/wait/leftover.hpp"
#include "bridge/wait/run_plan.hpp"

namespace notifybridge::wait {

/// Carries the messages in `wrap`'s journal to the service manager. Finds the run in the shared
/// directory, reads its records, sends them in order and acknowledges them.
class Courier {
public:
    struct Options {
        std::size_t member = 0;     ///< The container's number among those of the unit.
        std::string name;           ///< The container's name, if it is one of several.
        Attachment::Unit unit;      ///< A run is resumed within one invocation of the unit.
        bool adopts_older = false;  ///< Also reads a run that was there before us.
        bool translates_main_pid = false;
        std::uint64_t rate = 10'000;  ///< Messages a second, after a burst; 0 means no limit.
    };

    /// `directory` is the shared directory; it must outlive this object. `fds` are passed to the
    /// commands of runs that ask for them.
    Courier(event::Loop& loop, system::Fd directory, Options options, relay::Policy policy,
            relay::Uplink& uplink, relay::NamedFds fds = {}, relay::Reasons* reasons = nullptr);
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    /// Receives what happens to the runs: RunBegan, RunResumed, RunEnded, CaughtUp, and
    /// DirectoryRemoved, which comes once.
    OnEvent on_event;

    /// Returns the object that sends the messages; others set its callbacks.
    Forwarder& forwarder() { return forwarder_; }
    const Forwarder& forwarder() const { return forwarder_; }

    /// Returns the run that has to end before our command can start one. Use it before `run`.
    Leftover& leftover() { return leftover_; }

    /// Writes the file "host", by which `wrap` finds us. Throws std::system_error if that fails.
    void announce() { attachment_.announce(); }

    /// Follows runs until the loop ends.
    event::Awaitable<> run();

    /// Takes back what `announce` said, at an orderly end. A run that goes on is left to itself.
    void depart();

    RunPhase phase() const { return plan_.phase(); }
    /// Returns how the command of the ended run ended; nullopt if the run broke off.
    std::optional<process::ExitStatus> end() const { return plan_.end(); }

    /// Also reads a run that was there before us, from the next look on.
    void adopt_older() { options_.adopts_older = true; }

    /// Notes that the command that contains the run was started as `pid`. As long as it runs, a run
    /// whose lock we cannot see counts as alive, even if it writes nothing.
    void command_started(pid_t pid);

    /// Notes that the command is gone. Looks for a run, and reads everything that it has written
    /// until now; then reports CaughtUp.
    void command_gone();

    /// Returns whether the run's `wrap` lives now, even if its messages were not all carried.
    bool writer_lives() { return reader_ && lives(*reader_); }

    /// Returns whether an earlier `wait` of this invocation has read a run.
    bool resumes() const { return attachment_.resumed_run().has_value(); }

    /// Makes `wrap` send this signal to its command. Returns false if `wrap` cannot be told now.
    bool signal_run(int signal) { return attachment_.signal_run(signal); }

private:
    /// The record of a run at which reading starts.
    enum class Start { every_record, after_acknowledged, from_state };

    // In courier_run.cpp: which run it is, where reading starts, and when it is over.
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
    bool is_command(const channel::JournalReader& reader);
    void emit(const Event& event) const;
    RunPlan::Step look();
    event::Awaitable<> close_if_over();
    void close();

    // In courier.cpp: what is read, and when.
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
    std::uint64_t pid_namespace_;  ///< The pid namespace of this process.
    bool is_remote_;  ///< Locks and events of the container's side are not visible here.
    Options options_;
    relay::NamedFds fds_;  ///< Sockets from systemd, for the command.
    relay::FdLane lane_;
    Forwarder forwarder_;
    Attachment attachment_;
    Leftover leftover_;
    Delivery delivery_;
    std::optional<channel::RunId> older_run_;  ///< The run that was there before us.
    std::optional<channel::RunId> heard_run_;  ///< The run of `pulse_` until one is read.
    std::optional<channel::RunId> done_run_;   ///< The run that must not be read again.
    event::FileWatch watch_;
    event::Timer pause_;
    std::unique_ptr<channel::JournalReader> reader_;
    Start start_ = Start::every_record;
    RunPlan plan_;
    std::optional<pid_t> command_;  ///< The pid of the command. It may have ended.
    bool command_runs_ = false;
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
