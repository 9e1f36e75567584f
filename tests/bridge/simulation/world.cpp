#include "bridge/simulation/world.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "base/notify/barrier.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"

namespace notifybridge::bridge::simulation {
namespace {

using std::chrono::microseconds;
using util::concat;

constexpr int wait_number = 1;
constexpr int first_container = 2;

/// The number of turns that sides may take while no time passes. If they take more turns, one of
/// them is in a busy loop.
constexpr int most_turns = 20'000;
/// The rate limit (messages per second) in worlds where the app sends faster than the limit.
constexpr std::uint64_t slow_rate = 10;
/// A span that is longer than all retries and timeouts of the bridge.
constexpr std::chrono::seconds longest_settling(60);

/// Receives the logs of both sides.
History* log_history = nullptr;
/// Whether `wrap` has reported that it gives up messages, because the disk was full for too long.
bool gives_up_messages = false;

void keep_log(util::Severity, util::Topic, std::string_view text) {
    const As test_itself(0);
    if (log_history)
        log_history->add("log: ", text);
    if (text.find("bytes of messages are lost") != text.npos)
        gives_up_messages = true;
}

}  // namespace

/// A container, and the directory that it shares with `wait`.
struct World::Place {
    Place(std::size_t number, Ledger::Options options)
        : wrap(std::make_unique<Process<Container>>(first_container + static_cast<int>(number))),
          ledger(options) {}

    struct Barrier {
        system::UniqueFd passed;
        std::size_t messages;  ///< How many messages the app had sent before the barrier.
    };

    test::TemporaryDirectory directory;
    std::unique_ptr<Process<Container>> wrap;
    Ledger ledger;
    std::optional<notify::Sender> app;
    std::deque<Barrier> barriers;
    std::uint64_t unheard_barriers = 0;
    bool is_ending = false;
    bool may_end = false;           ///< Whether the app may get SIGTERM or SIGKILL.
    std::uint64_t signals = 0;      ///< How many SIGUSR1 were sent while the run was alive.
    std::uint64_t signals_due = 0;  ///< How many SIGUSR1 must arrive.
    process::ExitStatus end;
    notify::State state;                     ///< The state that the app has sent.
    std::uint64_t sent = 0;                  ///< How many messages and barriers the app has sent.
    std::optional<channel::RunId> followed;  ///< The run that the host file named last.
    bool is_attached = false;                ///< Whether this `wait` follows a run now.
    /// The end of the last run that `wait` has followed. Empty while `wait` follows a run. The
    /// inner value is empty if the run broke off.
    std::optional<std::optional<process::ExitStatus>> followed_end;
};

World::World(std::uint64_t seed, bool records) : random_(seed), history_(records) {
    test::Faults::begin_at(seed);
    log_history = &history_;
    util::set_log(records ? util::Severity::info : util::Severity::error, keep_log);
    may_merge_ = random_.once_in(6);
    keeps_attached_ = !random_.once_in(3);
    stops_run_ = random_.once_in(2);
    const std::size_t members = may_merge_ || random_.once_in(2) ? 1 : random_.between(2, 3);
    for (std::size_t number = 0; number < members; ++number)
        places_.emplace_back(number, Ledger::Options{number, members == 1, may_merge_});
    manager_.emplace(manager_place_.path("manager"));
}

World::~World() {
    faults_.set({});
    wait_.reset();
    places_.clear();
    util::set_log(util::Severity::error, nullptr);
    log_history = nullptr;
}

void World::fail(const std::string& what) {
    history_.add("WRONG: ", what);
    if (wrong_.empty())
        wrong_ = what;
}

std::string World::live() {
    constexpr std::uint64_t rounds = 4;
    for (std::uint64_t round = 0; round < rounds && !is_over(); ++round) {
        const std::uint64_t steps = random_.between(50, 1500);
        for (std::uint64_t number = 0; number < steps && !is_over(); ++number)
            step();
        settle();
    }
    return wrong_;
}

/// Performs one random action.
void World::step() {
    const std::uint64_t kind = random_.below(100);
    if (kind < 66) {
        const int process = static_cast<int>(wait_number + random_.below(1 + places_.size()));
        for (std::uint64_t turns = random_.between(1, 12); turns > 0 && turn(process); --turns) {
        }
    } else if (kind < 74) {
        manager_reads();
    } else if (kind < 92) {
        act_in(places_[random_.below(places_.size())]);
    } else if (kind < 97) {
        advance(random_.once_in(20) ? microseconds(random_.below(3'000'000))
                                    : microseconds(random_.below(40'000)));
    } else {
        impair();
    }
}

void World::impair() {
    const auto later = [this](std::uint64_t most_ms) {
        return test::Faults::elapsed() + std::chrono::milliseconds(random_.below(most_ms));
    };
    switch (random_.below(8)) {
        case 0:
            plan_kill();
            break;
        case 1:
        case 2:
            plan_interruption();
            break;
        case 3:
            plan_fault();
            break;
        case 4:
            manager_reads_at_ = later(2000);
            history_.add("the manager does not read for a while");
            break;
        case 5:
            // Read the queue first: its messages would be lost with the manager.
            manager_reads_at_ = {};
            while (manager_reads()) {
            }
            manager_.reset();
            manager_returns_at_ = later(2000);
            history_.add("the manager is away for a while");
            break;
        case 6: {
            const auto by = microseconds(random_.below(2 * 3'600'000'000)) - 3600s;
            test::Faults::set_time_of_day(by);
            history_.add("the time of day is set by ", by.count(), " us");
            break;
        }
        default:
            if (random_.once_in(10))
                damage_journal(places_[random_.below(places_.size())]);
            else
                signal_wait(random_.once_in(2) ? SIGTERM : SIGUSR1);
    }
}

/// Changes a byte among the last records of a live run, as a bad disk or a container may do.
void World::damage_journal(Place& place) {
    Run* const run = place.ledger.live_run();
    if (!run || util::contains(running_, place.wrap->number))
        return;
    std::fstream file(place.directory.path(channel::journal_name),
                      std::ios::binary | std::ios::in | std::ios::out | std::ios::ate);
    const std::streamoff size = file.tellg();
    if (size <= static_cast<std::streamoff>(channel::header_size))
        return;
    const auto most = static_cast<std::uint64_t>(size) - channel::header_size;
    const std::streamoff at =
        size - 1 - static_cast<std::streamoff>(random_.below(std::min<std::uint64_t>(most, 400)));
    file.seekg(at);
    const int byte = file.get();
    file.seekp(at);
    file.put(static_cast<char>(byte ^ 1));
    run->is_damaged = true;
    run->is_end_known = false;
    history_.add("a byte of the journal of ", place.wrap->number, " changes");
}

void World::signal_wait(int signal) {
    if (!wait_ || !wait_->side || util::contains(running_, wait_number))
        return;
    history_.add("wait gets ", process::signal_name(signal));
    if (signal == SIGTERM && !sigterm_at_)
        sigterm_at_ = test::Faults::elapsed();
    for (Place& place : places_) {
        place.may_end = place.may_end || (signal == SIGTERM && stops_run_);
        if (signal != SIGUSR1 || !place.wrap->side)
            continue;
        ++place.signals;
        if (place.ledger.follows_live_run() && place.is_attached && !place.is_ending)
            ++place.signals_due;
    }
    running_.push_back(wait_number);
    {
        const As as(wait_number);
        wait_->side->happens(wait::Signalled{signal});
    }
    running_.pop_back();
    turn(wait_number);
}

/// Fails if the app got a signal twice, a signal of another run, or an unwanted signal to end.
void World::check_signals(Place& place) {
    if (!place.wrap->side)
        return;
    if (place.wrap->side->signal != 0 && !place.may_end)
        fail("the app was asked to end, and nobody has wanted that");
    if (place.wrap->side->harmless_signals > place.signals)
        fail("the app got a signal twice, or that of another run");
}

/// Kills the side that makes one of the next system calls, just before this call.
void World::plan_kill() {
    test::Faults::kill(calls() + random_.between(1, 60));
    history_.add("somebody will be killed");
}

/// Lets the turn of another side interrupt one of the next system calls.
void World::plan_interruption() {
    test::Faults::interrupt(calls() + random_.between(1, 40), [this] {
        history_.add("an interruption");
        for (std::uint64_t turns = random_.between(1, 20); turns > 0; --turns)
            turn_of_any();
    });
}

void World::plan_fault() {
    constexpr int errors[] = {ENOSPC, ENOSPC, EDQUOT, EINTR, test::short_write, EMFILE, ENOMEM};
    const int error = errors[random_.below(std::size(errors))];
    const microseconds lasts(random_.once_in(3) ? 0 : random_.below(2'000'000));
    const bool half_fits = random_.once_in(2);
    test::Faults::set({calls() + random_.between(1, 40), error, lasts, 0, half_fits});
    // After EMFILE or ENOMEM, container-status may lack the last message. After other errors, it is
    // written again with the next message.
    is_status_old_ = is_status_old_ || error == EMFILE || error == ENOMEM;
    is_host_old_ = true;
    // `wait` may be unable to write acknowledgements now. Then the next `wait` may repeat more
    // messages than a batch.
    if (error != EINTR && error != EMFILE)
        for (Place& place : places_)
            place.ledger.disk_was_full();
    history_.add("a call will fail with ", test::name_of(error), " for ", lasts.count(), " us");
}

/// Lets `process` run one of its handlers. Returns false if there is nothing to do.
bool World::turn(int process) {
    if (is_over() || util::contains(running_, process))
        return false;
    running_.push_back(process);
    bool did = false;
    if (process == wait_number) {
        did = wait_ && wait_->turn();
        running_.pop_back();
        if (!wait_)
            return false;
        if (test::Faults::dead_process() == process)
            bury_wait(true);
        else if (!wait_->failure.empty())
            fail(concat("wait ended: ", wait_->failure));
        else if (wait_->side && wait_->side->end)
            bury_wait(false);
    } else {
        Place& place = places_[static_cast<std::size_t>(process - first_container)];
        did = place.wrap->turn();
        running_.pop_back();
        if (test::Faults::dead_process() == process)
            bury_run_in(place, true);
        else if (!place.wrap->failure.empty())
            fail(concat("wrap ended: ", place.wrap->failure));
        else if (place.wrap->side && place.wrap->side->has_ended)
            bury_run_in(place, false);
        else
            check_barriers(place);
        check_signals(place);
    }
    if (did) {
        history_.count_turn();
        fingerprint_ = fingerprint_ * 31 + calls() * 7 + static_cast<std::uint64_t>(process);
    }
    return did;
}

bool World::turn_of_any() {
    return turn(static_cast<int>(wait_number + random_.below(1 + places_.size())));
}

/// Runs one turn of the manager and of each side. Returns false if none of them had anything to do.
bool World::turn_all() {
    bool did = manager_reads();
    for (int process = wait_number; process <= wait_number + static_cast<int>(places_.size());
         ++process)
        did = turn(process) || did;
    return did;
}

void World::advance(microseconds span) {
    // If the end of an app was requested, the app ends before any timeout.
    for (Place& place : places_)
        if (place.wrap->side && place.wrap->side->signal != 0 && !place.is_ending)
            end_app_in(place, process::ExitStatus::killed(place.wrap->side->signal));
    test::Faults::advance(span);
    history_.add("time passes: ", span.count(), " us");
    if (!manager_ && test::Faults::elapsed() >= manager_returns_at_) {
        manager_.emplace(manager_place_.path("manager"));
        history_.add("the manager is back");
    }
    if (!is_quiet_ && !wait_ && random_.once_in(2))
        start_wait();
}

void World::act_in(Place& place) {
    if (util::contains(running_, place.wrap->number) || place.is_ending)
        return;
    if (!place.wrap->side) {
        if (random_.once_in(3))
            start_run_in(place);
        return;
    }
    const int signal = place.wrap->side->signal;
    if (signal != 0 && random_.once_in(3))
        end_app_in(place, process::ExitStatus::killed(signal));
    else if (random_.once_in(150))
        end_app_in(place, process::ExitStatus::exited(static_cast<int>(random_.below(4))));
    else if (random_.once_in(8))
        send_barrier_in(place);
    else
        for (std::uint64_t left = random_.once_in(20) ? random_.below(60) : 1; left > 0; --left)
            say_in(place);
}

void World::say_in(Place& place) {
    const Mark mark = place.ledger.next_mark();
    const bool is_first = mark.number == 0;
    Said said;
    said.text = concat("X_N=", mark.text());
    switch (is_first ? 0 : random_.below(10)) {
        case 0:
            said.text += concat("\nERRNO=", mark.errno_value());
            break;
        case 1:
            said.text += "\nREADY=1";
            break;
        case 2:
            said.text += concat("\nSTATUS=number ", mark.text());
            break;
        case 3:
            said.text += "\nWATCHDOG=1";
            break;
        case 4:
            if (place.state.phase == notify::Phase::ready && random_.once_in(3))
                said.text += "\nRELOADING=1";
            break;
        case 5:
            said.text += concat("\nX_FILL=", std::string(random_.below(4000), 'x'));
            break;
        case 7:
            if (random_.once_in(50))
                said.text += "\nSTOPPING=1";
            break;
        case 6:
            if (may_merge_) {
                said.text = concat("STATUS=only ", mark.text());
                said.is_mergeable = true;
            }
            break;
        default:
            break;
    }
    // The policy drops this line.
    std::string sent = said.text;
    if (!said.is_mergeable && random_.once_in(10))
        sent += "\nMAINPID=1";
    if (!place.app)
        place.app.emplace(address_of(place.directory.path(channel::socket_name)));
    const notify::Attempt attempt = place.app->send(sent);
    if (!attempt) {
        if (attempt.error().value() != EAGAIN)
            fail(concat("the app cannot send: ", system::describe(attempt.error().value())));
        return;
    }
    ++place.sent;
    notify::fold(place.state, *notify::parse(sent), {});
    said.state = place.state;
    said.time = system::monotonic_now();
    Run& run = place.ledger.runs().back();
    run.was_ready = run.was_ready || sent.find("\nREADY=1") != sent.npos;
    history_.add("app says ", mark.text());
    run.said.push_back(std::move(said));
}

void World::send_barrier_in(Place& place) {
    if (!place.app || place.barriers.size() > 20)
        return;
    notify::Barrier barrier;
    if (!barrier.send(*place.app))
        return;
    ++place.sent;
    place.barriers.push_back({barrier.take_passed(), place.ledger.runs().back().said.size()});
    history_.add("app sends a barrier after ", place.barriers.back().messages, " messages");
}

void World::end_app_in(Place& place, process::ExitStatus end) {
    history_.add("app ", place.wrap->number, " ends: ", process::describe(end));
    place.is_ending = true;
    place.end = end;
    const As as(place.wrap->number);
    place.wrap->side->loop.spawn(
        [side = place.wrap->side.get(), end] { return side->finish(end); });
}

bool World::start_run_in(Place& place) {
    const int number = place.wrap->number;
    place.wrap = std::make_unique<Process<Container>>(number);
    running_.push_back(number);
    const bool started = place.wrap->start(place.directory);
    running_.pop_back();
    history_.add("wrap ", number, started ? " starts" : " does not start: ", place.wrap->refusal);
    if (test::Faults::dead_process() == number) {
        place.wrap->end();
        test::Faults::bury();
        return false;
    }
    if (!started) {
        if (is_quiet_)
            fail(concat("wrap does not start: ", place.wrap->refusal));
        return false;
    }
    place.app.reset();
    place.barriers.clear();
    place.unheard_barriers = 0;
    place.is_ending = false;
    // A stop of the unit also stops members whose run begins later, so this app may get a signal.
    place.may_end = sigterm_at_ && stops_run_ && places_.size() > 1;
    place.signals = place.signals_due = 0;
    place.state = {};
    place.sent = 0;
    Run run;
    run.id = place.wrap->side->status.run;
    place.ledger.runs().push_back(std::move(run));
    return true;
}

/// Ends a run. All messages in the journal of a killed run must still arrive.
void World::bury_run_in(Place& place, bool was_killed) {
    Run& run = place.ledger.runs().back();
    history_.add("wrap ", place.wrap->number, was_killed ? " is killed" : " ends");
    run.lives = false;
    const bool is_cut_off = std::exchange(gives_up_messages, false) || was_killed;
    run.is_end_known = !run.is_damaged && (!is_cut_off || !place.is_ending);
    if (!is_cut_off)
        run.end = place.end;
    if (is_cut_off) {
        channel::JournalFault fault;
        const auto journal = channel::JournalReader::open(place.directory.fd(), fault);
        channel::Record record;
        while (journal && journal->header().run == run.id
               && journal->next(record) == channel::JournalReader::Outcome::record) {
            const auto message = notify::parse(record.payload);
            const auto mark = message && record.type == channel::RecordType::datagram
                                  ? Mark::of(*message)
                                  : std::nullopt;
            if (mark)
                run.promised = std::max(run.promised, mark->number + 1);
        }
    } else {
        run.promised = run.said.size();
    }
    place.wrap->end();
    place.wrap->failure.clear();
    place.barriers.clear();
    place.app.reset();
    if (was_killed)
        test::Faults::bury();
}

bool World::start_wait() {
    // Two processes never have the same start time. `wrap` uses that time to distinguish two `wait`
    // processes.
    test::Faults::advance(microseconds(1));
    // From now on, each message that arrives is from this `wait`.
    manager_reads_at_ = {};
    while (manager_reads()) {
    }
    if (next_is_new_)
        ++invocation_;
    Host::Options options;
    options.manager = manager_place_.path("manager");
    options.invocation = concat("invocation ", invocation_);
    options.keeps_attached = keeps_attached_;
    options.stops_run = stops_run_;
    options.rate = may_merge_ ? slow_rate : 0;
    std::vector<const test::TemporaryDirectory*> directories;
    for (const Place& place : places_)
        directories.push_back(&place.directory);
    wait_ = std::make_unique<Process<Host>>(wait_number);
    for (Place& place : places_)
        place.ledger.wait_started(next_is_new_);
    if (next_is_new_)
        manager_state_ = {};
    sigterm_at_.reset();
    for (Place& place : places_) {
        place.followed.reset();
        place.followed_end.reset();
        place.is_attached = false;
    }
    wait_began_ = test::Faults::elapsed();
    messages_of_wait_ = 0;
    running_.push_back(wait_number);
    const bool started =
        wait_->start(directories, options, [this](const wait::Event& event) { happened(event); });
    running_.pop_back();
    history_.add("wait ", started ? "starts" : "does not start: ", wait_->refusal, " for ",
                 options.invocation);
    next_is_new_ = false;
    if (test::Faults::dead_process() == wait_number) {
        bury_wait(true);
        return false;
    }
    if (!started) {
        if (is_quiet_)
            fail(concat("wait does not start: ", wait_->refusal));
        wait_.reset();
    }
    return started;
}

/// Ends a `wait` that has finished or was killed. Chooses whether the next one has the same
/// invocation.
void World::bury_wait(bool was_killed) {
    if (!was_killed) {
        const process::ExitStatus end = *wait_->side->end;
        history_.add("wait ends: ", process::describe(end));
        if (const std::string wrong = fault_of_end(end); !wrong.empty())
            fail(wrong);
        running_.push_back(wait_number);
        {
            const As as(wait_number);
            wait_->side->members.depart();
        }
        running_.pop_back();
        was_killed = test::Faults::dead_process() == wait_number;
        next_is_new_ = true;
    } else {
        next_is_new_ = random_.once_in(3);
    }
    if (was_killed)
        history_.add("wait is killed");
    // Perhaps this `wait` has not written these signals to its host file, so the app need not get
    // these signals.
    for (Place& place : places_)
        place.signals_due = 0;
    wait_->end();
    if (was_killed)
        test::Faults::bury();
    wait_.reset();
}

void World::happened(const wait::Event& event) {
    if (test::Faults::dead_process() == wait_number)
        return;
    const As test_itself(0);
    if (const auto* const began = std::get_if<wait::RunBegan>(&event)) {
        Place& place = places_[began->member];
        const auto host = host_in(place.directory);
        history_.add("wait follows a run of member ", began->member);
        place.followed_end.reset();
        place.is_attached = true;
        // The file may have kept its old content, if it could not be written.
        place.followed = is_host_old_ ? std::nullopt : host.facts.run;
        if (host.facts.run)
            place.ledger.run_began(*host.facts.run);
    } else if (const auto* const ended = std::get_if<wait::RunEnded>(&event)) {
        history_.add("wait has followed a run of member ", ended->member, " to its end");
        Place& place = places_[ended->member];
        place.followed_end = ended->end;
        place.is_attached = false;
        const Run* const run = place.followed ? place.ledger.find(*place.followed) : nullptr;
        if (!run)
            return;
        // `wrap` records the end of the run before `wrap` itself exits.
        const bool is_ending = run->lives && place.is_ending;
        if (run->lives && !is_ending && !run->is_damaged)
            fail("a run that is alive was given up");
        else if (run->is_end_known && ended->end != (is_ending ? place.end : run->end))
            fail("the end of the app did not come through");
    }
}

/// Reads a message as the manager. Returns false if there is no message.
bool World::manager_reads() {
    if (!manager_ || test::Faults::elapsed() < manager_reads_at_)
        return false;
    if (!manager_barriers_.empty() && (is_quiet_ || random_.once_in(2)))
        manager_barriers_.clear();
    auto message = manager_->next();
    if (message)
        received(*message);
    return message.has_value();
}

void World::received(test::Manager::Received& datagram) {
    history_.add("manager receives ", util::escape(datagram.text.substr(0, 80)));
    fingerprint_ = fingerprint_ * 31 + datagram.text.size();
    if (datagram.text == "BARRIER=1") {
        for (system::UniqueFd& fd : datagram.fds)
            manager_barriers_.push_back(std::move(fd));
        return;
    }
    const auto message = notify::parse(datagram.text);
    if (!message) {
        fail(concat("the manager cannot read this: ", util::escape(datagram.text)));
        return;
    }
    notify::fold(manager_state_, *message, {});
    std::string wrong;
    if (message->has("READY=1") && places_.size() > 1)
        for (const Place& place : places_)
            if (!place.ledger.was_ready())
                wrong += concat("the unit was ready before its member ",
                                place.wrap->number - first_container, ';');
    if (message->has("STOPPING=1") && places_.size() > 1 && !sigterm_at_)
        for (const Place& place : places_)
            // A run may have begun after STOPPING=1 if none of its messages has arrived.
            if (place.ledger.follows_live_run() && !place.is_ending
                && place.ledger.runs().back().arrived > 0
                && place.state.phase != notify::Phase::stopping)
                wrong += "the unit was stopping although a member goes on;";
    const auto mark = Mark::of(*message);
    if (mark) {
        if (mark->member < places_.size())
            wrong += places_[mark->member].ledger.received(*mark, datagram.text);
        else
            wrong += concat("nobody has said this: ", datagram.text);
    } else if (message->value(notify::Key::errno_)) {
        for (Place& place : places_)
            wrong += place.ledger.received_state(*message);
    }
    wrong += fault_of_content(*message, mark);
    if (mark)
        wrong += fault_of_rate();
    if (!wrong.empty())
        fail(wrong);
}

/// Returns what is wrong with the values in a message that has arrived, or an empty text.
std::string World::fault_of_content(const notify::Message& message,
                                    const std::optional<Mark>& mark) const {
    std::string wrong;
    if (const auto value = message.value(notify::Key::monotonic_usec)) {
        const auto time = util::parse_number<std::uint64_t>(*value).value_or(0);
        const Said* const said = mark && mark->member < places_.size()
                                     ? places_[mark->member].ledger.find(mark->run, mark->number)
                                     : nullptr;
        // If a member reloads, the unit may report this later.
        const bool is_early = said && places_.size() == 1 && time < said->time;
        if (time > system::monotonic_now() || is_early)
            wrong += concat("a reload did not happen at this time: ", *value, ';');
    }
    const auto status = message.value(notify::Key::status);
    if (status && places_.size() > 1 && status->find("number ") != status->npos) {
        const std::size_t begin = status->find("number ");
        const std::string_view number = status->substr(begin + 7);
        if (!status->starts_with(concat("member", number.substr(0, number.find('.')), ": number ")))
            wrong += concat("a STATUS has another member's name, or none: ", *status, ';');
    }
    return wrong;
}

/// Returns what is wrong if messages arrive faster than the rate limit allows.
std::string World::fault_of_rate() {
    // A burst has the messages of ten seconds at this rate. Delays of less than 10 ms are left out,
    // so a few more messages may arrive.
    constexpr std::uint64_t burst = 10 * slow_rate + 5;
    ++messages_of_wait_;
    const microseconds span = test::Faults::elapsed() - wait_began_;
    const auto allowed = burst + slow_rate * static_cast<std::uint64_t>(span.count()) / 1'000'000;
    if (!may_merge_ || messages_of_wait_ <= allowed)
        return {};
    return concat(messages_of_wait_, " messages came in ", span.count(), " us, and only ", allowed,
                  " may;");
}

/// Returns what is wrong with the exit status of `wait`, or an empty text.
std::string World::fault_of_end(process::ExitStatus end) const {
    constexpr auto broke_off = process::ExitStatus{1, 0};
    bool has_failed = false;
    bool is_of_member = false;
    for (const Place& place : places_) {
        const auto of_member =
            place.followed_end ? place.followed_end->value_or(broke_off) : broke_off;
        has_failed = has_failed || !of_member.success();
        is_of_member = is_of_member || of_member == end;
    }
    if (sigterm_at_) {
        // `wait` gives up a run that does not end in time.
        const bool is_late = test::Faults::elapsed() - *sigterm_at_ >= stop_timeout;
        if (end.success() || (stops_run_ && (is_of_member || is_late)))
            return {};
    } else if (is_of_member && has_failed != end.success()) {
        return {};
    }
    return concat("wait does not end like the app; it ", process::describe(end));
}

/// Checks that the manager has received all messages before a barrier that has returned.
void World::check_barriers(Place& place) {
    if (!place.wrap->side || place.barriers.empty())
        return;
    const std::uint64_t unheard = place.wrap->side->status.unheard_barriers;
    const bool may_be_unheard = std::exchange(place.unheard_barriers, unheard) != unheard;
    const bool is_heard =
        wait_ && wait_->side && !wait_->side->end && test::Faults::dead_process() != wait_number;
    if (may_be_unheard && is_heard && !is_host_old_)
        fail("a barrier came back at once, although a wait is there to process it");
    const Run& run = place.ledger.runs().back();
    // Barriers that no `wait` will process return at once, before earlier ones.
    std::erase_if(place.barriers, [&](const Place::Barrier& barrier) {
        if (!test::is_ready(barrier.passed, POLLIN))
            return false;
        if (!may_be_unheard && run.arrived < barrier.messages && !may_merge_)
            fail(concat("a barrier of member ", place.wrap->number - first_container,
                        " came back after ", run.arrived, " of ", barrier.messages, " messages"));
        return true;
    });
}

bool World::is_settled() {
    for (Place& place : places_) {
        if (!place.ledger.is_all_here())
            return false;
        // `wait` follows a run that has ended, and may still switch to the next run.
        if (place.is_attached && !place.wrap->side)
            return false;
        if (!place.barriers.empty() && place.wrap->side && !place.ledger.runs().back().is_damaged)
            return false;
    }
    return true;
}

/// Fails if a barrier does not return after `wait` has left, because no other process will confirm
/// it.
void World::check_life_without_wait() {
    constexpr auto longest_release = 2s;
    for (const auto until = test::Faults::elapsed() + longest_release;
         test::Faults::elapsed() < until && !is_over();) {
        if (!turn_all())
            advance(20ms);
    }
    for (const Place& place : places_) {
        const channel::HostFacts host = host_in(place.directory).facts;
        // If `wait` cannot write that it has left, it removes the file.
        const bool is_removed = !util::contains(place.directory.names(), channel::host_name);
        const bool has_left = host.has_left && host.run == place.ledger.runs().back().id;
        if (place.wrap->side && !place.barriers.empty() && (is_removed || has_left))
            fail("a barrier waits for a wait that has left");
    }
}

/// Ends all failures, and runs until all messages that must arrive have arrived.
void World::settle() {
    if (is_over())
        return;
    history_.add("all failures end");
    is_quiet_ = true;
    faults_.set({});
    test::Faults::kill(0);
    test::Faults::interrupt(0, nullptr);
    manager_reads_at_ = {};
    manager_returns_at_ = {};
    advance(1ms);
    if (!wait_)
        check_life_without_wait();
    const auto until = test::Faults::elapsed() + longest_settling;
    int turns = 0;
    for (;;) {
        const bool did = turn_all();
        if (is_over())
            return;
        if (did && ++turns > most_turns) {
            fail("somebody spins");
            return;
        }
        if (did)
            continue;
        turns = 0;
        if (is_settled())
            break;
        if (test::Faults::elapsed() > until) {
            std::string missing = missing_messages();
            for (const Place& place : places_)
                if (!place.barriers.empty())
                    missing += " a barrier did not come back;";
            fail(concat("after ", longest_settling.count(), " s: ", missing));
            return;
        }
        if (!wait_)
            start_wait();
        advance(5ms);
    }
    check_quiet();
    is_quiet_ = is_status_old_ = is_host_old_ = false;
}

/// Returns which messages are missing, assuming that no more messages will arrive.
std::string World::missing_messages() const {
    std::string missing;
    for (const Place& place : places_)
        missing += place.ledger.missing();
    return missing;
}

/// Waits until all timers have expired. Fails if a message is missing or a side still wakes up.
void World::check_quiet() {
    constexpr auto longest_timer = 15s;
    static_assert(longest_timer > stop_timeout);
    auto until = test::Faults::elapsed() + longest_timer;
    std::string missing = missing_messages();
    while (test::Faults::elapsed() < until && !is_over()) {
        if (turn_all())
            continue;
        advance(100ms);
        // A low --rate delays messages, so more may arrive after a message has arrived.
        if (const std::string now = missing_messages(); now != missing) {
            missing = now;
            until = test::Faults::elapsed() + longest_timer;
        }
    }
    if (is_over())
        return;
    missing = missing_messages();
    if (!missing.empty())
        fail(missing);
    for (Place& place : places_) {
        if (place.wrap->side && place.wrap->side->harmless_signals < place.signals_due
            && !place.ledger.runs().back().is_damaged)
            fail("a signal did not reach the app");
        check_status(place);
    }
    if (wait_ && sigterm_at_)
        fail("wait does not end after SIGTERM");
    check_state();
    check_files();
    check_idleness();
}

/// Fails if container-status does not show the number of messages and the state that the app has
/// sent.
void World::check_status(Place& place) {
    if (!place.wrap->side || is_status_old_)
        return;
    const auto shown = channel::parse_container_status(place.directory.read(channel::status_name));
    if (shown.run != place.wrap->side->status.run || shown.messages != place.sent
        || shown.state.phase != place.state.phase || shown.state.facts != place.state.facts)
        fail(concat("container-status shows ", shown.messages, " messages, the app has sent ",
                    place.sent, "; or its state is wrong"));
}

/// Fails if the manager does not have the state of the unit.
void World::check_state() {
    bool all_ready = wait_ != nullptr;
    for (const Place& place : places_) {
        all_ready = all_ready && place.ledger.follows_live_run()
                    && place.state.phase == notify::Phase::ready;
        const auto status = place.state.facts.find(notify::Key::status);
        if (places_.size() == 1 && place.ledger.follows_live_run()
            && status != place.state.facts.end()
            && manager_state_.facts[notify::Key::status] != status->second)
            fail("the manager has an old STATUS");
    }
    // A unit that has received STOPPING=1 does not become ready again.
    if (all_ready && manager_state_.phase != notify::Phase::ready
        && manager_state_.phase != notify::Phase::stopping)
        fail("the app is ready, and the unit is not");
}

/// Fails if a side wakes up although there are no messages.
void World::check_idleness() {
    // A side without inotify polls.
    for (const test::Call call : {test::Call::inotify, test::Call::watch, test::Call::epoll})
        if (faults_.has_failed(call))
            return;
    // In a flood, the writer may delay messages, so this check would fail.
    if (!wait_ || may_merge_)
        return;
    test::Faults::advance(1h);
    if (turn_all())
        fail("somebody wakes up, although nothing has happened");
}

void World::check_files() {
    // A file that could not be removed may be left behind.
    if (faults_.has_failed(test::Call::unlink))
        return;
    for (Place& place : places_)
        if (place.wrap->side && wait_)
            for (const std::string& name : place.directory.names())
                if (name.starts_with(".journal") || name.starts_with(".container")
                    || (name == channel::old_journal_name && place.ledger.follows_live_run()))
                    fail(concat("a file was left behind: ", name));
}

}  // namespace notifybridge::bridge::simulation
