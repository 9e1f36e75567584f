#include <string>
#include <utility>

#include "base/system/memory.hpp"
#include "base/util/concat.hpp"
#include "base/util/tags.hpp"
#include "bridge/channel/takeover.hpp"
#include "bridge/wait/courier.hpp"

/// Decides which run is followed, where reading starts, and when the run is over.
namespace notifybridge::wait {

using util::Severity;
using util::Topic;

namespace {

using Ending = RunPlan::Ending;

/// Returns the error for a run whose end `wrap` has not recorded.
std::string describe_unrecorded(Ending ending) {
    switch (ending) {
        case Ending::broke_off:
            return util::concat(
                "the run broke off: wrap was killed, for example by `podman kill` or for lack of "
                "memory ",
                tags::run_broke_off);
        case Ending::damaged:
            return "the journal is damaged: nothing more of this run can be delivered";
        default:
            return "the journal cannot be read: nothing more of this run can be delivered";
    }
}

bool has_journal(system::Fd directory) {
    return system::may_exist(directory, channel::journal_name)
           || system::may_exist(directory, channel::old_journal_name);
}

}  // namespace

/// Returns the journal of the run to follow. Prefers a run that an earlier `wait` has not read to
/// its end, even if a newer run uses the directory now.
std::unique_ptr<channel::JournalReader> Courier::open_journal() {
    channel::JournalFault fault;
    const auto unread = attachment_.resumed_run();
    auto reader =
        channel::open_unread(directory_, unread != done_run_ ? unread : std::nullopt, fault);
    if (fault.passing)
        doubt(fault);
    else if (!reader)
        report(fault);
    return reader;
}

bool Courier::open_run() {
    plan_.begin_look();
    auto reader = open_journal();
    if (!reader || done_run_ == reader->header().run)
        return false;
    const auto start = start_of(*reader);
    if (!start || !attach(*reader))
        return false;

    reader_ = std::move(reader);
    start_ = *start;
    journal_gone_ = false;
    plan_.begin();
    delivery_.begin(attachment_.progress().acknowledged);
    lane_.begin(reader_->header().run);
    // A run that is older than this `wait` does not expect descriptors.
    if (reader_->header().awaits_fds && start_ != Start::from_state && !fds_.fds.empty())
        lane_.hand_in(fds_);
    attachment_.show_lane(lane_.is_open(), lane_.fault());
    log_(Severity::info, Topic::messages,
         "attached to the run in the shared directory (wrap has pid ", reader_->header().pid,
         " in its pid namespace)");
    // Release the memory that the options needed, because a run may take a long time.
    system::release_data();
    emit(RunBegan{options_.member, is_command(*reader_), start_ == Start::after_acknowledged});
    return true;
}

/// Announces in the file "host" that this `wait` reads the run. Returns whether reading may begin.
/// Returns false at first if another run took over before the announcement, because then nobody
/// keeps this run's journal for the next `wait`. Returns true anyway after RunPlan::longest_doubt.
bool Courier::attach(const channel::JournalReader& reader) {
    const channel::RunId& run = reader.header().run;
    const bool was_said = attachment_.resumed_run() == run;
    if (reader.header().beats) {
        watch_.poll_from_now_on();
        attachment_.beat();
    }
    watch_.watch_file(reader.fd(), event::FileWatch::Interest::content);
    attachment_.attach(run, watch_.polls());
    if (was_said || channel::keeping_of(directory_, reader) == channel::Keeping::yes)
        return true;
    const std::uint64_t now = system::monotonic_now();
    // Count this run for the limit, to slow down a container that replaces its runs too fast.
    new_runs_.take(now);
    plan_.doubt(now);
    return !plan_.may_clear(now);
}

std::optional<Courier::Start> Courier::start_of(const channel::JournalReader& reader) {
    const channel::RunId& run = reader.header().run;
    if (attachment_.resumed_run() == run)
        return Start::after_acknowledged;
    // The run began after this `wait`, so the whole run is read, even if it has already ended.
    if (older_run_ != run)
        return Start::every_record;
    if (!options_.adopts_older)
        return std::nullopt;
    const bool is_alive = peer_.lives(reader);
    // A killed run leaves its last beat in the file, so only a changed beat proves that the run is
    // alive. A live run without a lock is also in doubt: its journal was just rotated, or its lock
    // could not be checked.
    const bool is_in_doubt = peer_.shows_by_lock(reader.header().beats)
                                 ? is_alive && !reader.is_locked()
                                 : !peer_.has_beaten();
    if (is_in_doubt) {
        plan_.doubt(system::monotonic_now());
        return std::nullopt;
    }
    return is_alive ? std::optional(Start::from_state) : std::nullopt;
}

bool Courier::reopen() {
    channel::JournalFault fault;
    auto fresh = reader_->reopened(directory_, fault);
    if (!fresh && fault.passing)
        doubt(fault);
    if (!fresh)
        return false;
    reader_ = std::move(fresh);
    burst_.begin();
    plan_.reopened();
    watch_.watch_file(reader_->fd(), event::FileWatch::Interest::content);
    return true;
}

/// Returns whether our command is the `wrap` of this run. If so, the journal's header has the pid
/// of the command, and the `wrap` is alive.
bool Courier::is_command(const channel::JournalReader& reader) {
    const channel::JournalHeader& header = reader.header();
    return command_ && header.pid_namespace == pid_namespace_
           && header.pid == static_cast<std::uint32_t>(*command_) && peer_.lives(reader);
}

RunPlan::Step Courier::look() {
    if (plan_.has_ending())
        return RunPlan::Step::close;
    // After a rotation, the old journal has no writer, but the run may continue in the next
    // journal. That journal may also have been rotated by now.
    const bool is_alive = peer_.writes(*reader_);
    const auto name = reader_->name_in(directory_);
    if (name == channel::JournalReader::Name::unknown)
        doubt({false, true, "cannot check whether another file has replaced it"});
    const bool lost_name = name == channel::JournalReader::Name::not_ours;
    const bool was_rotated = lost_name && reopen();
    if (lost_name && is_alive && !has_journal(directory_) && !std::exchange(journal_gone_, true))
        log_(Severity::error, Topic::messages,
             "something removed the journal of the shared directory; if notify.sock is gone, too, "
             "the app cannot notify any more: restart the unit ",
             tags::journal_removed);
    return plan_.step(is_alive, was_rotated, system::monotonic_now());
}

event::Awaitable<> Courier::close_if_over() {
    auto step = look();
    for (; step == RunPlan::Step::read_on; step = look())
        co_await read_available();
    if (step == RunPlan::Step::close)
        close();
}

void Courier::close() {
    const Ending ending = plan_.close();
    if (ending == Ending::broke_off && (reader_->header().ends_unseen || is_removed_))
        plan_.read_end(process::ExitStatus());
    else if (ending != Ending::recorded)
        log_(Severity::error, Topic::messages, describe_unrecorded(ending));
    relay::log_undelivered(log_, delivery_.undelivered());
    done_run_ = reader_->header().run;
    reader_.reset();
    // Log this if there are several containers, because the unit's exit status does not show which
    // container it comes from.
    if (!options_.name.empty())
        log_(Severity::info, Topic::process,
             end() ? process::describe(*end()) : "the run broke off");
    emit(RunEnded{options_.member, end()});
}

}  // namespace notifybridge::wait
