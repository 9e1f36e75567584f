#include "init/rules/unit_types/timer.hpp"

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::uint64_t one_second = 1'000'000;

/// A scene with a.timer and its service.
struct TimerScene : test::Scene {
    explicit TimerScene(const std::string& lines, const std::string& service = "") {
        add("a.service", "[Service]\nExecStart=/main\n" + service);
        add("a.timer", "[Timer]\n" + lines);
        BOOST_TEST_REQUIRE((timer().loaded().state == unit::LoadState::loaded));
    }

    Timer& timer() { return get<Timer>("a.timer"); }
    Service& service() { return get<Service>("a.service"); }
    std::string state() { return state_of(timer()); }
    void start() { do_job(manager::JobType::start, timer()); }
    void stop() { do_job(manager::JobType::stop, timer()); }
    void tell(void (Timer::*event)()) {
        (timer().*event)();
        engine.run_due();
    }
    /// Advances the clock to the time at which the timer elapses.
    void elapse() {
        const WakeUp wake_up = world.wake_ups.at("a.timer");
        const std::uint64_t realtime =
            wake_up.realtime == never ? never : wake_up.realtime - world.time_of_day;
        world.clock = std::max(world.clock, std::min(wake_up.monotonic, realtime));
        tell(&Timer::elapsed);
    }
    /// Returns the number of seconds until the timer elapses.
    std::uint64_t left() {
        return (first_elapse(timer().next_elapse_monotonic(), timer().next_elapse_realtime(),
                             world.now())
                - world.now().realtime)
               / one_second;
    }
    bool waits() const { return world.wake_ups.contains("a.timer"); }
    bool has_said(std::string_view text) const {
        return std::ranges::any_of(
            world.said, [&](const std::string& line) { return line.find(text) != line.npos; });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(timer)

BOOST_AUTO_TEST_CASE(a_timer_has_elapsed_when_its_unit_ends) {
    TimerScene scene("OnActiveSec=10\n");
    scene.start();
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(scene.left() == 10u);
    scene.elapse();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(!scene.waits());
    BOOST_TEST((scene.timer().last_trigger() == scene.world.now()));
    scene.pass(seconds(1));
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/elapsed");
    BOOST_TEST(scene.timer().next_elapse_monotonic() == never);
}

BOOST_AUTO_TEST_CASE(a_timer_without_remain_after_elapse_becomes_inactive) {
    TimerScene scene("OnActiveSec=10\nRemainAfterElapse=no\n");
    scene.start();
    scene.elapse();
    scene.pass(seconds(1));
    scene.exit("/main");
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.timer().result() == "success");
}

BOOST_AUTO_TEST_CASE(a_timer_that_follows_its_unit_elapses_again) {
    TimerScene scene("OnUnitInactiveSec=60\nRemainAfterElapse=no\n");
    scene.start();
    BOOST_TEST(scene.state() == "active/elapsed");
    scene.do_job(manager::JobType::start, scene.service());
    scene.pass(seconds(5));
    scene.exit("/main");
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(scene.left() == 60u);
    scene.elapse();
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_unit_that_runs_when_its_timer_elapses_is_not_restarted) {
    TimerScene scene("OnActiveSec=10\n");
    scene.start();
    scene.do_job(manager::JobType::start, scene.service());
    scene.elapse();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.world.runs.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_triggered_unit_gets_the_timer_that_has_triggered_it) {
    TimerScene scene("OnActiveSec=10\n");
    scene.start();
    scene.elapse();
    const auto& environment = scene.world.started.at("/main").environment;
    const auto has = [&](const std::string& variable) {
        return std::ranges::count(environment, variable) == 1;
    };
    BOOST_TEST(has("TRIGGER_UNIT=a.timer"));
    BOOST_TEST(has(util::concat("TRIGGER_TIMER_MONOTONIC_USEC=", scene.world.clock)));
    BOOST_TEST(has(util::concat("TRIGGER_TIMER_REALTIME_USEC=", scene.world.now().realtime)));
    scene.exit("/main");
    scene.do_job(manager::JobType::start, scene.service());
    BOOST_TEST(scene.world.started.at("/main").environment.empty());
}

BOOST_AUTO_TEST_CASE(a_timer_does_not_start_without_its_unit) {
    test::Scene scene;
    scene.add("a.timer", "[Timer]\nOnBootSec=1\n");
    Timer& timer = scene.get<Timer>("a.timer");
    scene.do_job(manager::JobType::start, timer);
    BOOST_TEST(test::Scene::state_of(timer) == "inactive/dead");
    BOOST_TEST(scene.jobs.back() == "a.timer start failed");
}

BOOST_AUTO_TEST_CASE(a_timer_fails_if_its_unit_cannot_be_started_any_more) {
    TimerScene scene("OnActiveSec=10\n");
    scene.start();
    scene.remove("a.service");
    scene.engine.reload_files();
    scene.elapse();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.timer().result() == "resources");
    scene.engine.reset_failed(scene.timer());
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.timer().result() == "success");
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_stopping_starts_no_unit) {
    TimerScene scene("OnActiveSec=10\n");
    scene.start();
    scene.engine.enqueue(manager::JobType::stop, scene.timer(), unit::JobMode::replace);
    scene.timer().elapsed();
    scene.engine.run_due();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.world.runs.empty());
    BOOST_TEST(!scene.waits());
    // This event arrives after the timer has stopped.
    scene.tell(&Timer::elapsed);
    BOOST_TEST(scene.world.runs.empty());
}

BOOST_AUTO_TEST_CASE(a_random_delay_is_added_to_the_time_of_a_timer) {
    TimerScene scene("OnActiveSec=10\nRandomizedDelaySec=100\n");
    scene.world.random_number = 1'000 * 100 * one_second + 7 * one_second;
    scene.start();
    BOOST_TEST(scene.left() == 17u);
}

BOOST_AUTO_TEST_CASE(a_wake_up_has_the_accuracy_of_the_timer) {
    TimerScene scene("OnActiveSec=10\nAccuracySec=3\n");
    scene.start();
    const WakeUp& wake_up = scene.world.wake_ups.at("a.timer");
    BOOST_TEST((wake_up.accuracy == seconds(3)));
    BOOST_TEST(wake_up.realtime == never);
    BOOST_TEST(!wake_up.follows_clock);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_forward_moves_the_time_of_a_timer) {
    TimerScene scene("OnCalendar=*-*-* *:00:00 UTC\n");
    scene.start();
    BOOST_TEST(scene.world.wake_ups.at("a.timer").follows_clock);
    scene.world.time_of_day += 3600 * 24 * one_second;
    scene.tell(&Timer::clock_changed);
    // The time counts from the start of the timer, so the timer elapses at once.
    BOOST_TEST(scene.timer().next_elapse_realtime() <= scene.world.now().realtime);
    scene.elapse();
    BOOST_TEST(scene.state() == "active/running");
    scene.exit("/main");
    BOOST_TEST(scene.left() < 3600u);
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_by_a_year_does_not_delay_a_timer_by_a_year) {
    TimerScene scene("OnCalendar=*-*-* *:00:00 UTC\n");
    scene.world.time_of_day += 3600 * 24 * 800 * one_second;
    scene.start();
    scene.elapse();
    scene.exit("/main");
    scene.world.time_of_day -= 3600 * 24 * 365 * one_second;
    scene.tell(&Timer::clock_changed);
    BOOST_TEST(scene.left() <= 3600u);
    BOOST_TEST(scene.state() == "active/waiting");
}

BOOST_AUTO_TEST_CASE(on_clock_change_or_on_timezone_change_starts_the_unit) {
    for (const auto& [line, event] :
         {std::pair("OnClockChange=yes\n", &Timer::clock_changed),
          std::pair("OnTimezoneChange=yes\n", &Timer::time_zone_changed)}) {
        TimerScene scene(line);
        scene.start();
        BOOST_TEST(scene.state() == "active/waiting");
        BOOST_TEST(scene.world.wake_ups.at("a.timer").follows_clock);
        scene.tell(event);
        BOOST_TEST(scene.state() == "active/running", line);
        // A second event while the unit runs starts nothing.
        scene.tell(event);
        scene.exit("/main");
        BOOST_TEST(scene.state() == "active/waiting", line);
        BOOST_TEST(scene.world.runs.size() == 1u);
    }
    TimerScene other("OnActiveSec=10\n");
    other.start();
    other.tell(&Timer::clock_changed);
    other.tell(&Timer::time_zone_changed);
    BOOST_TEST(other.state() == "active/waiting");
    BOOST_TEST(other.left() == 10u);
}

BOOST_AUTO_TEST_CASE(a_persistent_timer_makes_up_for_a_missed_time) {
    TimerScene scene("OnCalendar=*-*-* 00:00:00 UTC\nPersistent=yes\n");
    scene.world.time_of_day = 3600 * 24 * 365 * one_second;
    scene.world.stamps["a.timer"] = scene.world.now().realtime - 3600 * 24 * 2 * one_second;
    scene.start();
    BOOST_TEST(scene.timer().next_elapse_realtime() <= scene.world.now().realtime);
    scene.elapse();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.world.stamps["a.timer"] == scene.world.now().realtime);
}

BOOST_AUTO_TEST_CASE(a_persistent_timer_that_never_elapsed_missed_nothing) {
    TimerScene scene("OnCalendar=*-*-* 00:00:00 UTC\nPersistent=yes\n");
    scene.start();
    BOOST_TEST(scene.world.stamps.at("a.timer") == scene.world.now().realtime);
    BOOST_TEST(scene.timer().next_elapse_realtime() > scene.world.now().realtime);
    BOOST_TEST((scene.timer().last_trigger() == system::Moment{}));
}

BOOST_AUTO_TEST_CASE(a_stamp_of_a_timer_from_the_future_is_ignored) {
    TimerScene scene("OnCalendar=*-*-* 00:00:00 UTC\nPersistent=yes\n");
    scene.world.stamps["a.timer"] = scene.world.now().realtime + 3600 * 24 * 365 * one_second;
    scene.start();
    BOOST_TEST(scene.left() < 3600u * 24);
    BOOST_TEST(scene.has_said("because its time is in the future"));
}

BOOST_AUTO_TEST_CASE(a_stamp_that_cannot_be_written_is_logged) {
    TimerScene scene("OnCalendar=*-*-* 00:00:00 UTC\nPersistent=yes\n");
    scene.world.is_read_only = true;
    scene.start();
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(
        scene.has_said("cannot write /stamp-a.timer for Persistent=: Read-only file system; "));
}

BOOST_AUTO_TEST_CASE(each_start_of_a_timer_restarts_the_time_of_on_active_sec) {
    TimerScene scene("OnActiveSec=10\n");
    scene.start();
    scene.elapse();
    scene.pass(seconds(1));
    scene.exit("/main");
    scene.stop();
    BOOST_TEST(scene.state() == "inactive/dead");
    scene.start();
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(scene.left() == 10u);
}

BOOST_AUTO_TEST_CASE(a_timer_waits_for_the_times_of_its_new_file) {
    TimerScene scene("OnActiveSec=1h\n");
    scene.start();
    scene.add("a.timer", "[Timer]\nOnActiveSec=2h\nOnActiveSec=3h\n");
    scene.engine.reload_files();
    BOOST_TEST(scene.left() == 7200u);
    scene.add("a.timer", "[Timer]\nOnCalendar=*-02-30\n");
    scene.engine.reload_files();
    BOOST_TEST(scene.state() == "active/elapsed");
    BOOST_TEST(!scene.waits());
    scene.remove("a.timer");
    scene.engine.reload_files();
    BOOST_TEST(scene.state() == "active/elapsed");
}

BOOST_AUTO_TEST_CASE(a_waiting_timer_fails_if_its_unit_file_is_gone) {
    TimerScene scene("OnActiveSec=1h\n");
    scene.start();
    scene.remove("a.timer");
    scene.engine.reload_files();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(!scene.waits());
}

BOOST_AUTO_TEST_CASE(a_timer_that_is_started_too_often_fails) {
    test::Scene scene;
    scene.add("a.service", "[Service]\nExecStart=/main\n");
    scene.add("a.timer", "[Timer]\nOnActiveSec=1h\nUnit=a.service\n",
              "StartLimitIntervalSec=1h\nStartLimitBurst=1\n");
    Timer& timer = scene.get<Timer>("a.timer");
    scene.do_job(manager::JobType::start, timer);
    scene.do_job(manager::JobType::restart, timer);
    BOOST_TEST(test::Scene::state_of(timer) == "failed/failed");
    BOOST_TEST(timer.result() == "start-limit-hit");
}

BOOST_AUTO_TEST_CASE(timer_states_are_named_as_in_systemd) {
    std::string names;
    for (int at = 0; at <= static_cast<int>(TimerState::failed); ++at) {
        const auto state = static_cast<TimerState>(at);
        names += util::concat(to_string(state), '/', to_string(active_state(state)), ' ');
    }
    BOOST_TEST(names
               == "dead/inactive waiting/active running/active elapsed/active failed/failed ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
