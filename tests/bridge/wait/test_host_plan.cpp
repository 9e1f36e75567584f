#include "bridge/wait/host_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/wait/pull_watch.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;
using process::ExitStatus;
using HostActions = HostPlan::Actions;
using Kind = WaitPlan::Action::Kind;
using Texts = std::vector<std::string>;

constexpr std::size_t lower = 0;
constexpr std::size_t upper = 1;

const ExitStatus success = ExitStatus::exited(0);
const ExitStatus failure = ExitStatus::exited(3);

HostPlan::Options options_of(std::vector<std::string> members, bool has_command) {
    HostPlan::Options options;
    options.wait.has_command = has_command;
    options.wait.has_members = members.size() > 1;
    options.wait.timeout = HostPlan::Time::max();
    options.wait.stop_timeout = 10s;
    options.members = std::move(members);
    return options;
}

/// Returns the actions of this type, in order.
template <typename T>
std::vector<T> only(const HostActions& actions) {
    std::vector<T> found;
    for (const auto& action : actions)
        if (const T* const wanted = std::get_if<T>(&action))
            found.push_back(*wanted);
    return found;
}

Texts texts(const HostActions& actions) {
    Texts found;
    for (const auto& say : only<HostPlan::Say>(actions))
        found.push_back(say.message.text);
    return found;
}

/// Returns the exit status with which `wait` finishes, or nullopt.
std::optional<ExitStatus> finish_of(const HostActions& actions) {
    for (const auto& action : only<WaitPlan::Action>(actions))
        if (action.kind == Kind::finish)
            return action.status;
    return std::nullopt;
}

/// Returns the signals for members as "SIGTERM 1", in order.
Texts signals(const HostActions& actions) {
    Texts found;
    const auto add = [&](int signal, std::size_t member) {
        found.push_back(process::signal_name(signal) + ' ' + std::to_string(member));
    };
    for (const auto& action : actions) {
        if (const auto* const runs = std::get_if<HostPlan::SignalRuns>(&action))
            for (const std::size_t member : runs->members)
                add(runs->signal, member);
        if (const auto* const next = std::get_if<HostPlan::SignalNext>(&action))
            add(next->signal, next->member);
    }
    return found;
}

/// A plan, the current time, and the writers that are alive.
struct Host {
    HostPlan plan;
    HostPlan::Now now{1000s, {}};

    explicit Host(const HostPlan::Options& options) : plan(options) {
        now.writers_live.resize(options.members.size());
        plan.begin(now.time);
    }

    HostActions take(const Event& event) { return plan.take(event, now); }
    HostActions begin_run(std::size_t member) {
        now.writers_live[member] = true;
        return take(RunBegan{member});
    }
    HostActions end_run(std::size_t member, std::optional<ExitStatus> end) {
        now.writers_live[member] = false;
        return take(RunEnded{member, end});
    }
    HostActions pass(HostPlan::Time span) {
        now.time += span;
        return take(TimePassed());
    }
};

/// Two containers that were started elsewhere. A stop ends both containers.
struct Pair : Host {
    Pair() : Host(options()) {
        begin_run(lower);
        begin_run(upper);
    }

    static HostPlan::Options options() {
        HostPlan::Options options = options_of({"db", "web"}, false);
        options.wait.stops_run = true;
        return options;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(host_plan)

BOOST_FIXTURE_TEST_CASE(a_stop_ends_members_from_the_last_to_the_first, Pair) {
    const HostActions stop = take(Signalled{SIGTERM});
    BOOST_TEST(signals(stop) == (Texts{"SIGTERM 1", "SIGCONT 1"}),
               boost::test_tools::per_element());
    const HostActions next = end_run(upper, success);
    BOOST_TEST(signals(next) == (Texts{"SIGTERM 0", "SIGCONT 0"}),
               boost::test_tools::per_element());
    BOOST_TEST(!finish_of(next).has_value());
    BOOST_TEST((finish_of(end_run(lower, failure)) == failure));
}

BOOST_FIXTURE_TEST_CASE(each_member_has_the_whole_time_to_stop, Pair) {
    take(Signalled{SIGTERM});
    BOOST_TEST(signals(pass(9s)).empty());
    end_run(upper, success);
    BOOST_TEST(signals(pass(9s)).empty());
    BOOST_TEST(signals(pass(1s)) == Texts{"SIGKILL 0"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(members_that_do_not_stop_are_killed_together, Pair) {
    take(Signalled{SIGTERM});
    BOOST_TEST(signals(pass(10s)) == (Texts{"SIGKILL 0", "SIGKILL 1"}),
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(signals_other_than_stop_signals_go_to_each_member, Pair) {
    BOOST_TEST(signals(take(Signalled{SIGHUP})) == (Texts{"SIGHUP 0", "SIGHUP 1"}),
               boost::test_tools::per_element());
    now.writers_live[lower] = false;
    BOOST_TEST(signals(take(Signalled{SIGHUP})) == Texts{"SIGHUP 1"},
               boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(stopping_1_is_sent_before_members_get_a_stop_signal, Pair) {
    relay::Decision stopping;
    stopping.text = "STOPPING=1";
    plan.voice()->speak(upper, stopping);
    BOOST_TEST(stopping.text != "STOPPING=1");
    const HostActions stop = take(Signalled{SIGTERM});
    BOOST_TEST_REQUIRE(!stop.empty());
    const auto* const say = std::get_if<HostPlan::Say>(&stop.front());
    BOOST_TEST_REQUIRE((say != nullptr));
    BOOST_TEST(say->message.text.starts_with("STOPPING=1"));
    BOOST_TEST(say->message.stopping);
}

BOOST_FIXTURE_TEST_CASE(the_status_of_a_unit_reports_the_end_of_a_member, Pair) {
    BOOST_TEST(texts(end_run(upper, failure))
                   == Texts{"STATUS=web: exited with status 3; waiting for db, web"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_command_stops_its_members_itself) {
    Host host(options_of({"db", "web"}, true));
    host.begin_run(lower);
    host.begin_run(upper);
    const HostActions stop = host.take(Signalled{SIGTERM});
    BOOST_TEST(signals(stop).empty());
    BOOST_TEST_REQUIRE(only<WaitPlan::Action>(stop).size() == 1u);
    BOOST_TEST((only<WaitPlan::Action>(stop)[0].kind == Kind::signal_command));
    // If the command leaves a member behind, the member gets a stop signal.
    host.end_run(upper, success);
    host.take(CommandEnded{success});
    BOOST_TEST(signals(host.take(CaughtUp{lower})).empty());
    BOOST_TEST(
        signals(host.take(CaughtUp{upper})) == (Texts{"SIGTERM 0", "SIGCONT 0", "SIGCONT 0"}),
        boost::test_tools::per_element());
    BOOST_TEST((finish_of(host.end_run(lower, failure)) == failure));
}

BOOST_AUTO_TEST_CASE(a_member_without_a_run_ends_with_the_command) {
    Host host(options_of({"db", "web"}, true));
    host.begin_run(lower);
    host.end_run(lower, failure);
    host.take(CommandEnded{success});
    host.take(CaughtUp{lower});
    BOOST_TEST((finish_of(host.take(CaughtUp{upper})) == failure));
}

BOOST_AUTO_TEST_CASE(a_stop_does_not_wait_for_a_member_without_a_run) {
    Host host(Pair::options());
    host.begin_run(lower);
    BOOST_TEST(signals(host.take(Signalled{SIGTERM})) == (Texts{"SIGTERM 0", "SIGCONT 0"}),
               boost::test_tools::per_element());
    BOOST_TEST((finish_of(host.end_run(lower, failure)) == failure));
}

BOOST_AUTO_TEST_CASE(a_sent_message_changes_the_deadlines_of_a_unit) {
    HostPlan::Options options = options_of({""}, false);
    options.wait.timeout = 1min;
    Host host(options);
    host.begin_run(0);
    host.take(Sent{.extend_timeout = 2min});
    BOOST_TEST((host.plan.next_time() == host.now.time + 2min));
    host.take(Sent{.ready = true});
    BOOST_TEST(!host.plan.next_time().has_value());
    BOOST_TEST(host.plan.wait().is_ready());
}

BOOST_AUTO_TEST_CASE(a_resumed_ready_run_ends_a_wait_with_until_ready) {
    for (const auto phase : {notify::Phase::starting, notify::Phase::ready,
                             notify::Phase::reloading, notify::Phase::stopping}) {
        HostPlan::Options options = options_of({""}, false);
        options.wait.until_ready = true;
        Host host(options);
        host.take(RunBegan{0, false, true});
        RunResumed resumed;
        resumed.said.phase = phase;
        const bool is_ready = phase == notify::Phase::ready || phase == notify::Phase::reloading;
        BOOST_TEST(finish_of(host.take(resumed)).has_value() == is_ready);
    }
}

BOOST_AUTO_TEST_CASE(a_resumed_run_counts_as_a_leftover_of_an_earlier_command) {
    for (const bool is_resumed : {true, false}) {
        Host host(options_of({""}, true));
        host.now.writers_live = {true};
        host.take(RunBegan{0, false, is_resumed});
        host.take(Sent{.stopping = true});
        host.end_run(0, success);
        BOOST_TEST(signals(host.begin_run(0)).empty() == is_resumed);
    }
}

BOOST_AUTO_TEST_CASE(a_removed_directory_ends_a_wait_without_a_command) {
    Host attached(options_of({""}, false));
    const HostActions actions = attached.take(DirectoryRemoved{0, true});
    BOOST_TEST(only<HostPlan::ReportRemovedDirectory>(actions).size() == 1u);
    BOOST_TEST((finish_of(actions) == ExitStatus::exited(1)));
    for (const bool had_run : {true, false}) {
        Host host(options_of({"db", "web"}, true));
        const HostActions done = host.take(DirectoryRemoved{upper, had_run});
        const auto reports = only<HostPlan::ReportRemovedDirectory>(done);
        BOOST_TEST(reports.size() == (had_run ? 0u : 1u));
        BOOST_TEST((reports.empty() || reports[0].member == upper));
        BOOST_TEST(!finish_of(done).has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_running_member_outlives_the_directory_of_an_ended_member) {
    for (const bool had_run : {true, false}) {
        Host host(options_of({"db", "web"}, false));
        HostPlan::Options keeping = options_of({"db", "web"}, false);
        keeping.wait.keeps_attached = true;
        Host keeper(keeping);
        keeper.now.writers_live = {false, true};
        BOOST_TEST(finish_of(keeper.take(DirectoryRemoved{0, had_run})).has_value());
        host.begin_run(1);
        host.now.writers_live = {false, true};
        const HostActions actions = host.take(DirectoryRemoved{0, had_run});
        BOOST_TEST(only<HostPlan::ReportRemovedDirectory>(actions).size() == 1u);
        BOOST_TEST(finish_of(actions).has_value() != had_run);
    }
}

BOOST_AUTO_TEST_CASE(a_leftover_run_does_not_make_a_later_start_ready) {
    HostPlan::Options options = options_of({""}, true);
    options.wait.until_ready = true;
    Host host(options);
    host.now.writers_live = {true};
    host.take(RunBegan{0, false, true});
    RunResumed resumed;
    resumed.said.phase = notify::Phase::ready;
    BOOST_TEST(!finish_of(host.take(resumed)).has_value());
    BOOST_TEST(!host.plan.wait().is_ready());
    BOOST_TEST(finish_of(host.take(Sent{.ready = true})).has_value());
}

BOOST_AUTO_TEST_CASE(a_leftover_run_does_not_end_the_observation_of_a_pull) {
    for (const bool is_resumed : {true, false}) {
        Host host(options_of({""}, true));
        host.now.writers_live = {true};
        const auto ends = only<HostPlan::EndPull>(host.take(RunBegan{0, false, is_resumed}));
        BOOST_TEST(ends.size() == (is_resumed ? 0u : 1u));
        BOOST_TEST((ends.empty() || ends[0].is_there));
    }
}

BOOST_AUTO_TEST_CASE(a_stop_or_the_commands_end_ends_the_observation_of_a_pull) {
    const Event events[] = {Signalled{SIGTERM}, CommandEnded{failure}};
    for (const Event& event : events) {
        Host host(options_of({""}, true));
        const auto ends = only<HostPlan::EndPull>(host.take(event));
        BOOST_TEST_REQUIRE(ends.size() == 1u);
        BOOST_TEST(!ends[0].is_there);
        // A run that begins still clears the status of the pull.
        BOOST_TEST(
            (only<HostPlan::EndPull>(host.begin_run(0)) == std::vector{HostPlan::EndPull{true}}));
        host.end_run(0, success);
        BOOST_TEST(only<HostPlan::EndPull>(host.begin_run(0)).empty());
    }
    Host host(options_of({""}, true));
    BOOST_TEST(only<HostPlan::EndPull>(host.take(Signalled{SIGHUP})).empty());
    Host attached(options_of({""}, false));
    BOOST_TEST(only<HostPlan::EndPull>(attached.begin_run(0)).empty());
}

/// A random history of one to three members, with leftover runs and the pull of an image. Checks
/// rules that hold for each history.
struct HostHistory {
    struct Member {
        bool reads = false;  ///< Whether a run was found, and its end was not read yet.
        bool lives = false;
        bool had_run = false;
    };

    std::mt19937 chance;
    HostPlan::Options options;
    Host host;
    std::vector<Member> members;
    bool command_runs;
    bool was_asked = false;  ///< Whether a signal has requested the end of the run.
    bool was_killed = false;
    bool has_cause = false;      ///< Whether there is a reason to end the run or the command.
    bool was_signalled = false;  ///< Whether `wait` received any signal.
    bool is_late = false;
    bool said_ready = false;
    bool follows_leftover = false;  ///< Whether the last run that began is a leftover.
    std::optional<ExitStatus> command_end;
    HostPlan::Time extended_until{};
    bool has_acted = false;  ///< Whether the event has led to a signal or to the end.
    int stoppings = 0;
    bool finished = false;

    std::optional<PullWatch> pull;
    std::uint64_t bytes_read = 0;
    bool is_pull_over = false;  ///< Whether nothing more may be reported about the pull.
    bool shows_pull = false;    ///< Whether the last STATUS= is about the pull.

    static HostPlan::Options make_options(std::mt19937& chance) {
        const std::array<std::vector<std::string>, 3> stacks{
            {{""}, {"db", "web"}, {"db", "web", "proxy"}}};
        HostPlan::Options made = options_of(stacks[chance() % 3], chance() % 3 != 0);
        made.wait.keeps_attached = !made.wait.has_command && chance() % 2 == 0;
        made.wait.stops_run = !made.wait.has_command && chance() % 2 == 0;
        made.wait.until_ready = chance() % 4 == 0;
        made.wait.command_is_client = chance() % 4 == 0;
        made.wait.can_kill_container = made.wait.has_command && chance() % 4 == 0;
        if (chance() % 2 == 0)
            made.wait.timeout = 5s;
        return made;
    }

    static PullWatch::Options make_pull_options(std::mt19937& chance) {
        PullWatch::Options made;
        made.least_bytes = 100;
        made.longest = 10min;
        made.extends = chance() % 4 != 0;
        made.has_wrap = chance() % 2 != 0;
        return made;
    }

    explicit HostHistory(unsigned seed)
        : chance(seed),
          options(make_options(chance)),
          host(options),
          members(options.members.size()),
          command_runs(options.wait.has_command) {
        if (command_runs && members.size() == 1 && chance() % 2 == 0) {
            pull.emplace(make_pull_options(chance));
            pull->begin(host.now.time);
        }
    }

    void check_signal(int signal) {
        has_acted = true;
        if (process::asks_for_end(signal))
            BOOST_TEST(has_cause, "something is asked to end without a cause");
        if (signal == SIGKILL)
            BOOST_TEST(was_asked, "something is killed without being asked to end");
        was_asked = was_asked || process::asks_for_end(signal);
        was_killed = was_killed || signal == SIGKILL;
    }

    void check_member(int signal, std::size_t member) {
        BOOST_TEST((members[member].reads && members[member].lives),
                   "a signal for a run that is gone");
        if (!process::asks_for_end(signal))
            return;
        const auto after = members.begin() + static_cast<std::ptrdiff_t>(member) + 1;
        BOOST_TEST(
            std::none_of(after, members.end(), [](const Member& each) { return each.lives; }),
            "a member is asked before one that depends on it has ended");
    }

    void check_status(ExitStatus status) {
        const bool is_ready = host.plan.wait().is_ready();
        if (options.wait.until_ready && is_ready)
            return;
        if (options.wait.until_ready)
            BOOST_TEST(!status.success(), "it was not ready");
        if (is_late)
            BOOST_TEST((status == ExitStatus::exited(process::status_timed_out)));
        else if (command_end && !command_end->success() && !was_signalled
                 && !options.wait.command_is_client)
            BOOST_TEST((status == *command_end), "the failure of the command is lost");
    }

    void check(const WaitPlan::Action& action) {
        if (action.signal != 0)
            check_signal(action.signal);
        if (action.kind == Kind::explain_late) {
            BOOST_TEST((host.now.time >= extended_until), "the app asked for more time");
            BOOST_TEST(!is_late, "it is late twice");
            is_late = has_cause = true;
        }
        BOOST_TEST((action.kind != Kind::signal_run), "it does not say which run");
        if (action.kind == Kind::signal_command)
            BOOST_TEST(command_runs, "a signal for a command that is gone");
        if (action.kind != Kind::finish)
            return;
        finished = has_acted = true;
        check_status(action.status);
        if (command_runs && !options.wait.until_ready)
            BOOST_TEST(was_killed, "it does not wait for its command");
    }
    void check(const HostPlan::SignalRuns& action) {
        check_signal(action.signal);
        BOOST_TEST(!action.members.empty());
        for (const std::size_t member : action.members)
            check_member(action.signal, member);
    }
    void check(const HostPlan::SignalNext& action) {
        BOOST_TEST(was_asked, "a stop continues that has not begun");
        check_member(action.signal, action.member);
    }
    void check(const HostPlan::Say& action) {
        BOOST_TEST(!action.message.text.empty());
        BOOST_TEST((host.plan.voice() != nullptr), "it speaks for its only container");
        stoppings += action.message.stopping ? 1 : 0;
        BOOST_TEST(stoppings <= 1, "it says STOPPING=1 twice");
    }
    void check(const HostPlan::ReportRemovedDirectory& /*action*/) {
        BOOST_TEST(false, "no directory was removed");
    }

    void check(const HostPlan::EndPull& action) {
        BOOST_TEST(options.wait.has_command, "it observes a pull without a command");
        is_pull_over = true;
        if (pull && action.is_there)
            take_pull(pull->end());
        else if (pull)
            pull->give_up();
    }

    void happens(const Event& event) {
        for (std::size_t number = 0; number < members.size(); ++number)
            host.now.writers_live[number] = members[number].reads && members[number].lives;
        has_acted = false;
        for (const auto& action : host.take(event)) {
            const auto* const own = std::get_if<WaitPlan::Action>(&action);
            if (finished)
                BOOST_TEST((!own || own->kind != Kind::finish), "it ends twice");
            else
                std::visit([this](const auto& each) { check(each); }, action);
        }
        if (options.wait.has_command)
            BOOST_TEST(host.plan.wait().is_ready() == said_ready);
        if (said_ready && options.wait.until_ready)
            BOOST_TEST(finished, "it waits on although it is ready");
    }

    /// Handles a step of the pull's watch, as PullObserver and `Wait` do.
    void take_pull(const PullWatch::Step& step) {
        if (step.datagram.empty())
            return;
        shows_pull = step.datagram != "STATUS=";
        if (shows_pull)
            BOOST_TEST(!is_pull_over, "it tells of a pull that is over");
        if (step.extension)
            extend(*step.extension);
    }

    void extend(HostPlan::Time span) {
        extended_until = std::max(extended_until, host.now.time + span);
        happens(Sent{.extend_timeout = span});
    }

    void look_at_pull() {
        using runtime::ImagePresence;
        constexpr std::array answers = {ImagePresence::missing, ImagePresence::missing,
                                        ImagePresence::there, ImagePresence::unknown};
        bytes_read += chance() % 200;
        take_pull(pull->look(answers[chance() % answers.size()], bytes_read, host.now.time));
    }

    /// Advances the time by `span`. Reports TimePassed, and checks the pull, whenever this is due.
    void pass(HostPlan::Time span) {
        const HostPlan::Time until = host.now.time + span;
        while (!finished) {
            const auto next = host.plan.next_time();
            const auto look = pull ? pull->next_look() : std::nullopt;
            if (next && *next <= until && (!look || *next <= *look)) {
                host.now.time = std::max(host.now.time, *next);
                happens(TimePassed());
            } else if (look && *look <= until) {
                host.now.time = std::max(host.now.time, *look);
                look_at_pull();
            } else {
                break;
            }
        }
        host.now.time = until;
    }

    void take_signal(int signal) {
        const bool lives = command_runs || std::ranges::any_of(members, [](const Member& each) {
                               return each.reads && each.lives;
                           });
        was_signalled = true;
        has_cause = has_cause || process::asks_for_end(signal);
        happens(Signalled{signal});
        if (lives && process::asks_for_end(signal) && !finished)
            BOOST_TEST(has_acted, "a request to end is lost");
    }

    void begin_run(std::size_t number) {
        const bool is_resumed = !std::exchange(members[number].had_run, true) && chance() % 3 == 0;
        members[number].reads = true;
        members[number].lives = chance() % 8 != 0;
        follows_leftover = is_resumed && options.wait.has_command;
        happens(RunBegan{number, false, is_resumed});
        if (pull && !follows_leftover && !finished)
            BOOST_TEST((!shows_pull && !pull->next_look()),
                       "the pull goes on beside its container");
        if (is_resumed)
            resume_run(number);
    }

    /// Reports that a run is resumed, with the state that an earlier `wait` has sent.
    void resume_run(std::size_t number) {
        constexpr std::array phases = {notify::Phase::starting, notify::Phase::ready,
                                       notify::Phase::reloading, notify::Phase::stopping};
        RunResumed resumed{number};
        resumed.said.phase = phases[chance() % phases.size()];
        const bool is_ready = resumed.said.phase == notify::Phase::ready
                              || resumed.said.phase == notify::Phase::reloading;
        said_ready = said_ready || (is_ready && !options.wait.has_command && members.size() == 1);
        happens(resumed);
    }

    void end_run(std::size_t number, std::optional<ExitStatus> end) {
        members[number].reads = members[number].lives = false;
        happens(RunEnded{number, end});
    }

    void end_command(ExitStatus end) {
        command_runs = false;
        command_end = end;
        has_cause = has_cause || !end.success();
        happens(CommandEnded{end});
        if (pull && !finished)
            BOOST_TEST(!pull->next_look().has_value(), "a pull outlives its command");
        for (std::size_t number = 0; number < members.size(); ++number)
            happens(CaughtUp{number});
    }

    void speak(std::size_t number, const char* text) {
        const bool stops = std::string_view(text) == "STOPPING=1";
        if (!host.plan.voice())
            return send(!stops, stops);
        relay::Decision message;
        message.text = text;
        host.plan.voice()->speak(number, message);
        stoppings += message.stopping ? 1 : 0;
        send(message.ready, message.stopping);
    }

    void send(bool ready, bool stopping) {
        said_ready = said_ready || ready;
        has_cause = has_cause || (stopping && !follows_leftover);
        happens(Sent{ready, stopping});
    }

    void go_on() {
        constexpr std::array signals = {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGCONT};
        const std::size_t number = chance() % members.size();
        Member& member = members[number];
        const auto end = chance() % 3 == 0 ? ExitStatus::killed(SIGTERM)
                                           : ExitStatus::exited(static_cast<int>(chance() % 2));
        switch (chance() % 11) {
            case 0:
                take_signal(signals[chance() % signals.size()]);
                break;
            case 1:
            case 2:
                if (!member.reads)
                    begin_run(number);
                break;
            case 3:
                member.lives = false;
                break;
            case 4:
            case 5:
                if (member.reads && !member.lives)
                    end_run(number, chance() % 3 == 0 ? std::nullopt : std::optional(end));
                break;
            case 6:
                if (command_runs)
                    end_command(end);
                break;
            case 7:
                if (member.reads)
                    speak(number, chance() % 4 == 0 ? "STOPPING=1" : "READY=1");
                break;
            case 8:
                if (member.reads)
                    extend(std::chrono::seconds(chance() % 20));
                break;
            default:
                pass(std::chrono::milliseconds(chance() % 4000));
        }
    }

    /// Ends everything that still runs, and then advances the time.
    void come_to_an_end() {
        for (std::size_t number = 0; number < members.size(); ++number)
            if (members[number].reads)
                end_run(number, success);
        if (command_runs)
            end_command(success);
        for (int turn = 0; turn < 10; ++turn)
            pass(10s);
    }
};

BOOST_AUTO_TEST_CASE(each_random_history_ends_and_signals_no_dead_run) {
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            HostHistory history(seed);
            for (int step = 0; step < 60 && !history.finished; ++step)
                history.go_on();
            history.come_to_an_end();
            const bool may_wait_on = !history.options.wait.has_command;
            BOOST_TEST((history.finished || may_wait_on));
            // Later events must not end `wait` again.
            for (int step = 0; step < 5; ++step)
                history.go_on();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
