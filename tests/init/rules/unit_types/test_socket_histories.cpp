#include <signal.h>

#include <set>

#include "init/rules/manager/dice.hpp"
#include "socket_scene.hpp"

/// Runs random events on sockets and their services.
namespace notifybridge::unit_types::test_socket_histories {
namespace {

using manager::test::Dice;
using std::chrono::seconds;

/// Returns random lists of commands. The lists may contain commands of earlier lists at another
/// place.
std::string random_lists(Dice& dice) {
    std::string text;
    for (const char* const directive :
         {"ExecStartPre", "ExecStartPost", "ExecStopPre", "ExecStopPost"})
        for (std::size_t count = dice.below(4); count > 0; --count)
            text += util::concat(directive, '=', dice.one_in(4) ? "-" : "", '/', directive, '.',
                                 dice.below(3), '\n');
    return text;
}

std::string random_socket(Dice& dice) {
    std::string text;
    const auto maybe = [&](const char* directive, std::initializer_list<const char*> values) {
        if (dice.one_in(2))
            text += util::concat(directive, '=', dice.pick(values), '\n');
    };
    maybe("TimeoutSec", {"2", "30"});
    maybe("KillMode", {"control-group", "mixed", "process", "none"});
    maybe("SendSIGKILL", {"yes", "no"});
    maybe("SocketUser", {"nobody"});
    maybe("Accept", {"yes", "no"});
    maybe("MaxConnections", {"1", "3"});
    maybe("MaxConnectionsPerSource", {"1"});
    maybe("TriggerLimitBurst", {"2", "0"});
    maybe("PollLimitBurst", {"2", "0"});
    return text;
}

std::string random_service(Dice& dice) {
    return util::concat("ExecStart=/main\nType=", dice.pick({"simple", "notify", "oneshot"}),
                        "\nTimeoutStartSec=20\nRestart=", dice.pick({"no", "on-failure"}), '\n');
}

class History : public test::SocketScene {
public:
    explicit History(std::uint64_t seed) : History(std::make_shared<Dice>(seed)) {}

    std::set<std::string> seen;
    std::set<std::string> results;
    const std::string& text() const { return text_; }

    void act() {
        switch (dice_->below(13)) {
            case 0:
            case 1:
                return start();
            case 2:
                return dice_->one_in(4) ? stop() : do_job(manager::JobType::restart, socket());
            case 3:
            case 4:
            case 5:
                return end_some_process();
            case 6:
            case 7:
                return connect(dice_->pick({"10.0.0.1", "10.0.0.2"}).c_str());
            case 8:
                return pass(seconds(dice_->pick({0, 1, 3, 100})));
            case 9:
                return act_on_service();
            case 10:
                world.cannot_listen = dice_->one_in(3);
                world.is_out_of_fds = dice_->one_in(5);
                world.opens_later = dice_->one_in(3);
                return socket().sockets_opened();
            case 11:
                return change_files();
            default:
                if (dice_->one_in(3))
                    engine.reset_failed(socket());
                else
                    world.start("a.socket", "child");
                return;
        }
    }

    std::string look() {
        for (const std::string& entry : history)
            if (entry.starts_with("a.socket "))
                seen.insert(entry.substr(entry.find(' ') + 1));
        history.clear();
        if (std::string fault = look_at_runs(); !fault.empty())
            return fault;
        results.insert(std::string(result()));
        const pid_t control = socket().control_pid();
        if (control != 0 && !world.alive.contains(control))
            return "waits for a process that is gone";
        if (has_control(socket().state()) && socket().deadline() == 0)
            return util::concat("without a deadline in ", socket().sub_state());
        if (socket().deadline() != 0 && socket().deadline() <= world.clock)
            return "a deadline was missed";
        const bool may_watch = socket().state() == SocketState::listening;
        if (world.is_watching && !may_watch)
            return util::concat("looks at its sockets in ", socket().sub_state());
        if (may_watch && !world.is_watching && socket().deadline() == 0)
            return "listens, but never looks";
        return look_at_connections();
    }

    std::string stop_at_last() {
        engine.enqueue(manager::JobType::stop, socket(), unit::JobMode::replace);
        for (int round = 0; round < 10; ++round) {
            engine.run_due();
            pass(seconds(100));
        }
        if (!is_down(socket().active_state()))
            return util::concat("a stop does not end: ", socket().sub_state());
        return socket().job ? "a job waits for ever" : "";
    }

private:
    explicit History(std::shared_ptr<Dice> dice)
        : History(dice, random_socket(*dice), random_lists(*dice), random_service(*dice)) {}
    History(std::shared_ptr<Dice> dice, const std::string& socket, const std::string& lists,
            const std::string& service)
        : SocketScene(socket + lists,
                      dice->one_in(2) ? "StartLimitIntervalSec=10\nStartLimitBurst=2\n" : "",
                      service),
          dice_(dice),
          settings_(socket),
          text_(socket + lists + service) {}

    void change_files() {
        add("a.socket",
            util::concat("[Socket]\nListenStream=80\n", settings_, random_lists(*dice_)));
        engine.reload_files();
    }

    /// Checks that each program is the first of its list, or follows the last program in the
    /// current files.
    std::string look_at_runs() {
        for (const std::string& program : std::exchange(world.runs, {})) {
            const auto kind = kind_of(program);
            if (!kind)
                continue;
            const unit::Commands& list = commands(socket().settings().socket, *kind);
            bool is_in_turn = !list.empty() && list.front().path == program;
            for (std::size_t at = 1; at < list.size(); ++at)
                is_in_turn |= list[at - 1].path == last_run_ && list[at].path == program;
            if (!is_in_turn)
                return util::concat(program, " runs out of turn after ", last_run_);
            last_run_ = program;
        }
        return {};
    }

    static std::optional<CommandKind> kind_of(const std::string& program) {
        for (std::size_t kind = 0; kind < command_kind_count; ++kind)
            if (program.starts_with(
                    util::concat('/', to_string(static_cast<CommandKind>(kind)), '.')))
                return static_cast<CommandKind>(kind);
        return std::nullopt;
    }

    void end_some_process() {
        if (world.alive.empty())
            return;
        auto at = world.alive.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(dice_->below(world.alive.size())));
        end(at->first, dice_->one_in(4) ? process::ExitStatus::killed(SIGTERM)
                                        : process::ExitStatus::exited(dice_->pick({0, 0, 0, 1})));
    }

    void act_on_service() {
        if (manager::Unit* const service = engine.find("a.service"))
            do_job(dice_->pick({manager::JobType::start, manager::JobType::stop,
                                manager::JobType::restart}),
                   *service);
    }

    /// Checks that each connection belongs to an existing service. A service that restarts has lost
    /// its connection.
    std::string look_at_connections() {
        unsigned count = 0;
        for (const manager::Unit* const unit : engine.units())
            if (unit->id().starts_with("a@") && !is_down(unit->active_state()))
                ++count;
        return socket().connections() <= count
                   ? ""
                   : util::concat(socket().connections(), " connections of ", count, " services");
    }

    std::shared_ptr<Dice> dice_;
    std::string settings_;  ///< The settings without the lists of commands.
    std::string text_;
    std::string last_run_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(socket_histories)

BOOST_AUTO_TEST_CASE(random_histories_keep_sockets_and_connections_consistent) {
    std::set<std::string> seen, results;
    const manager::test::Numbers numbers = manager::test::numbers_of_histories(4000);
    manager::test::run_histories<History>(numbers, [&](History& history) {
        seen.merge(history.seen);
        results.merge(history.results);
    });
    if (numbers.count == 1)
        return;
    // The histories reach every state.
    BOOST_TEST(seen.size() == static_cast<std::size_t>(SocketState::failed) + 1);
    BOOST_TEST(results.contains("trigger-limit-hit"));
    BOOST_TEST(results.contains("service-start-limit-hit"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types::test_socket_histories
