#include <signal.h>

#include <set>

#include "random_service.hpp"
#include "scene.hpp"

/// Runs random events on services with random settings.
namespace notifybridge::unit_types {
namespace {

using manager::test::Dice;
using std::chrono::seconds;
using test::Scene;

/// Returns the active state that systemd has for a sub-state.
std::string active_state_of(std::string_view sub_state, bool is_idle) {
    static const std::map<std::string_view, const char*> states = {
        {"dead", "inactive"},
        {"condition", "activating"},
        {"start-pre", "activating"},
        {"start", "activating"},
        {"start-post", "activating"},
        {"running", "active"},
        {"exited", "active"},
        {"reload", "reloading"},
        {"reload-signal", "reloading"},
        {"reload-notify", "reloading"},
        {"stop", "deactivating"},
        {"stop-watchdog", "deactivating"},
        {"stop-sigterm", "deactivating"},
        {"stop-sigkill", "deactivating"},
        {"stop-post", "deactivating"},
        {"final-watchdog", "deactivating"},
        {"final-sigterm", "deactivating"},
        {"final-sigkill", "deactivating"},
        {"failed", "failed"},
        {"auto-restart", "activating"},
    };
    const std::string state = states.at(sub_state);
    const bool is_starting = state == "activating" && sub_state != "auto-restart";
    return is_idle && is_starting ? "active" : state;
}

std::size_t rank_of(std::string_view program) {
    const std::string_view name = program.substr(0, program.find('.'));
    std::size_t rank = 0;
    while (rank < test::programs.size() && test::programs[rank].second != name)
        ++rank;
    return rank;
}

/// A history of random events. The seed determines the events.
class History : public Scene {
public:
    explicit History(std::uint64_t seed) : dice_(seed) {
        do {
            text_ = test::random_service(dice_);
        } while (!is_loaded());
        add("a.service", "[Service]\n" + text_);
        service_ = &get<Service>("a.service");
        engine.hooks.on_change = [this](const manager::Unit&, manager::ActiveState) {
            note_state();
        };
    }

    const std::string& text() const { return text_; }
    std::set<std::string> seen;

    void act() {
        const std::size_t number = dice_.below(24);
        if (number < 4)
            do_some_job();
        else if (number < 11)
            oblige();
        else if (number < 14)
            end_some_process();
        else if (number < 16)
            pass(seconds(dice_.pick({0, 1, 3, 10, 100})));
        else if (number < 19)
            say_something();
        else if (number < 20)
            change_pid_file();
        else if (number < 21)
            world.guess = any_process();
        else if (number < 22)
            do_something_odd();
        else if (may_fork())
            world.start("a.service", "child");
    }

    std::string look() {
        note_runs();
        const auto type = service_->settings().service.type;
        const std::string_view sub = service_->sub_state();
        if (!order_fault_.empty())
            return order_fault_;
        if (to_string(service_->active_state())
            != active_state_of(sub, type == unit::ServiceType::idle))
            return util::concat(state_of(*service_), " do not go together");
        if (std::string fault = look_at_processes(); !fault.empty())
            return fault;
        return look_at_time();
    }

    /// Checks that a stop ends the service within 2000 s.
    std::string stop_at_last() {
        engine.enqueue(manager::JobType::stop, *service_, unit::JobMode::replace);
        for (int round = 0; round < 20; ++round) {
            pass(seconds(100));
            if (std::string fault = look(); !fault.empty())
                return "at the end: " + fault;
        }
        if (!is_down(service_->active_state()))
            return util::concat("a stop does not end: ", service_->sub_state());
        return service_->job ? "a job waits for ever" : "";
    }

private:
    bool is_loaded() const {
        Scene other;
        other.add("a.service", "[Service]\n" + text_);
        return other.get<Service>("a.service").loaded().state == unit::LoadState::loaded;
    }

    /// Records the state, and checks the order of the programs that have run since the last call.
    void note_state() {
        seen.insert(std::string(service_->sub_state()));
        note_runs();
        const ServiceState state = service_->state();
        if (is_final_signal(state))
            was_last_asked_ = state != ServiceState::final_sigkill;
        else if (!is_down(service_->active_state()) && state != ServiceState::auto_restart)
            was_last_asked_ = false;
        if (is_down(service_->active_state()) || state == ServiceState::auto_restart) {
            rank_ = 0;
            last_run_.clear();
        }
    }

    void note_runs() {
        for (const std::string& program : std::exchange(world.runs, {})) {
            const std::size_t rank = rank_of(program);
            const bool is_in_turn = rank == rank_ && !last_run_.empty()
                                        ? is_next(rank, program)
                                        : rank >= rank_ && is_first(rank, program);
            if (!is_in_turn && order_fault_.empty())
                order_fault_ = util::concat(program, " runs out of turn after ", last_run_);
            rank_ = rank;
            last_run_ = program;
        }
    }

    const unit::Commands& list_of(std::size_t rank) const {
        return commands(service_->settings().service, static_cast<CommandKind>(rank));
    }
    bool is_first(std::size_t rank, const std::string& program) const {
        const unit::Commands& list = list_of(rank);
        return !list.empty() && list.front().path == program;
    }
    /// Returns whether `program` follows the last program in the current files. The list of
    /// ExecReload= may also start again.
    bool is_next(std::size_t rank, const std::string& program) const {
        const unit::Commands& list = list_of(rank);
        for (std::size_t at = 1; at < list.size(); ++at)
            if (list[at - 1].path == last_run_ && list[at].path == program)
                return true;
        return static_cast<CommandKind>(rank) == CommandKind::reload && is_first(rank, program);
    }

    pid_t any_process() {
        if (world.alive.empty())
            return 0;
        auto at = world.alive.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(world.alive.size())));
        return at->first;
    }

    void end_some_process() {
        const pid_t pid = any_process();
        if (pid == 0)
            return;
        const bool by_signal = dice_.one_in(3);
        const int signal = dice_.pick({SIGTERM, SIGKILL, SIGSEGV, SIGHUP});
        const int code = dice_.pick({0, 0, 0, 1, 3, 255});
        end(pid,
            by_signal ? process::ExitStatus::killed(signal) : process::ExitStatus::exited(code),
            by_signal && signal == SIGSEGV);
    }

    void do_some_job() {
        do_job(dice_.pick({manager::JobType::start, manager::JobType::start,
                           manager::JobType::start, manager::JobType::stop,
                           manager::JobType::restart, manager::JobType::reload}),
               *service_);
    }

    void say(const std::string& text, pid_t sender) {
        const auto message = notify::parse(text);
        const uid_t uid = dice_.one_in(2) ? 0 : 1000;
        if (sender != 0)
            service_->notified({sender, uid, uid}, *message, dice_.below(2));
    }

    void say_something() {
        const pid_t sender = dice_.one_in(2) ? service_->main_pid() : any_process();
        say(test::random_message(dice_, any_process(), world.clock), sender);
    }

    /// Performs the event that the service waits for.
    void oblige() {
        const ServiceState state = service_->state();
        if (state == ServiceState::start
            && service_->settings().service.type == unit::ServiceType::forking) {
            world.guess = world.start("a.service", "daemon");
            world.pid_files["/run/a.pid"] = "daemon";
        }
        if (service_->control_pid() != 0)
            end(service_->control_pid(), process::ExitStatus::exited(0));
        else if (state == ServiceState::reload_signal)
            say(util::concat("RELOADING=1\nMONOTONIC_USEC=", world.clock), service_->main_pid());
        else if (state == ServiceState::reload_notify || is_notifying_start())
            say("READY=1", service_->main_pid());
        else if (state != ServiceState::running && service_->main_pid() != 0)
            end(service_->main_pid(), process::ExitStatus::exited(0));
        service_->pid_file_changed();
    }

    bool is_notifying_start() const {
        const auto type = service_->settings().service.type;
        return service_->state() == ServiceState::start
               && (type == unit::ServiceType::notify || type == unit::ServiceType::notify_reload);
    }

    void change_pid_file() {
        const pid_t pid = any_process();
        if (pid == 0 || dice_.one_in(4))
            world.pid_files.clear();
        else
            world.pid_files["/run/a.pid"] = world.alive.at(pid).program;
        service_->pid_file_changed();
    }

    void change_files() {
        remove("a.service");
        if (!dice_.one_in(5))
            add("a.service", "[Service]\n" + test::random_service(dice_));
        engine.reload_files();
        is_out_of_the_ordinary_ = true;
    }

    /// Performs an event that is rare, or that should never happen.
    void do_something_odd() {
        switch (dice_.below(7)) {
            case 0:
                return engine.reset_failed(*service_);
            case 1:
                return service_->deadline_passed();
            case 2:
                return service_->process_ended(99999, process::ExitStatus::exited(0), false);
            case 3:
                return service_->traffic(0);
            case 4:
                if (!world.has_processes(*service_))
                    service_->processes_gone();
                return;
            case 5:
                is_out_of_the_ordinary_ = true;
                if (!world.impossible.insert(test::programs[dice_.below(7)].second).second)
                    world.impossible.clear();
                return;
            default:
                return change_files();
        }
    }

    /// Returns whether a process may fork. After the last signal, new processes belong to no unit,
    /// as in systemd.
    bool may_fork() const {
        const ServiceState state = service_->state();
        return (service_->main_pid() != 0 || service_->control_pid() != 0) && !is_stop_signal(state)
               && !is_final_signal(state);
    }

    std::string look_at_time() const {
        const std::string_view sub = service_->sub_state();
        // Without RestartSec=, the service may fail at once, and may do so in each turn of the
        // engine.
        const bool may_loop = service_->state() == ServiceState::auto_restart;
        if (!may_loop && service_->deadline() != 0 && service_->deadline() <= world.clock)
            return util::concat("a deadline of ", sub, " was missed");
        if (engine.next_deadline() > service_->deadline() && service_->deadline() != 0)
            return util::concat("the engine does not know of a deadline of ", sub);
        if (service_->deadline() == 0 && must_have_deadline())
            return util::concat("without a deadline in ", sub);
        const manager::ActiveState state = service_->active_state();
        const bool is_on_its_way = state == manager::ActiveState::activating
                                   || state == manager::ActiveState::reloading
                                   || state == manager::ActiveState::deactivating;
        // With Type=idle, a starting service counts as active. If a reload of the files has set
        // Type=idle, no event has ended the job of the service.
        if (service_->job && !is_on_its_way && !is_out_of_the_ordinary_
            && engine.next_deadline() == 0)
            return util::concat("a job waits for nothing in ", sub);
        return {};
    }

    bool must_have_deadline() const {
        const ServiceState state = service_->state();
        if (state == ServiceState::auto_restart)
            return !service_->job;
        const auto& settings = service_->settings().service;
        const bool may_take_for_ever =
            settings.timeout_start.value_or(util::infinity) == util::infinity
            && (is_starting(state) || is_reloading(state));
        const bool waits = state != ServiceState::running && may_time_out(state);
        return waits && !may_take_for_ever;
    }

    std::string look_at_processes() const {
        for (const pid_t pid : {service_->main_pid(), service_->control_pid()})
            if (pid != 0 && !world.alive.contains(pid))
                return util::concat("waits in ", service_->sub_state(), " for process ", pid,
                                    ", which is gone");
        if (service_->main_pid() != 0 && service_->main_pid() == service_->control_pid())
            return "one process is main and control";
        // At the end, systemd waits only for the main and the control process, so other processes
        // that got a signal may still run. With KillMode=mixed, SIGTERM after ExecStopPost= may end
        // these two processes before the others get SIGKILL.
        const unit::KillSettings& kill = service_->settings().kill;
        const bool asks_all = kill.mode == unit::KillMode::control_group
                              || (kill.mode == unit::KillMode::mixed && !was_last_asked_);
        if (!is_down(service_->active_state()) || !asks_all || !kill.send_sigkill
            || is_out_of_the_ordinary_)
            return {};
        for (const auto& [pid, process] : world.alive)
            if (process.unit == "a.service" && !process.was_signalled)
                return util::concat(process.program, " was left behind");
        return {};
    }

    Dice dice_;
    std::string text_;
    Service* service_ = nullptr;
    std::size_t rank_ = 0;  ///< The rank of the last program.
    std::string last_run_;  ///< Empty if no program has run.
    std::string order_fault_;
    /// Whether processes got SIGTERM after ExecStopPost=, but not SIGKILL.
    bool was_last_asked_ = false;
    bool is_out_of_the_ordinary_ = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(service_histories)

BOOST_AUTO_TEST_CASE(random_histories_keep_processes_and_deadlines_consistent) {
    std::set<std::string> seen;
    const manager::test::Numbers numbers = manager::test::numbers_of_histories(4000);
    manager::test::run_histories<History>(numbers,
                                          [&](History& history) { seen.merge(history.seen); });
    // The histories reach every state.
    if (numbers.count > 1)
        BOOST_TEST(seen.size() == static_cast<std::size_t>(ServiceState::auto_restart) + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
