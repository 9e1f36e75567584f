#include "init/hands/perform/host_timers.hpp"

#include "host_world.hpp"
#include "init/hands/perform/stamp_file.hpp"
#include "support/descriptors.hpp"

namespace notifybridge::perform {
namespace {

using unit_types::Timer;

/// A world with timers. Their unit is always active, so timers stay running after they have
/// elapsed.
struct TimerWorld : test::World {
    TimerWorld() { add("a.target", "[Unit]\nDefaultDependencies=no\n"); }

    Timer& start(const std::string& name, const std::string& lines) {
        Timer& timer =
            add_timer(name, "[Unit]\nDefaultDependencies=no\n[Timer]\nUnit=a.target\n" + lines);
        engine.enqueue(manager::JobType::start, timer, unit::JobMode::replace);
        engine.run_due();
        return timer;
    }
    void stop(Timer& timer) {
        engine.enqueue(manager::JobType::stop, timer, unit::JobMode::replace);
        engine.run_due();
    }
};

bool is_running(const Timer& timer) {
    return timer.sub_state() == "running";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_timers)

BOOST_FIXTURE_TEST_CASE(timers_of_the_monotonic_and_the_wall_clock_elapse, TimerWorld) {
    unsigned events = 0;
    host.state.on_events = [&] { ++events; };
    const Timer& span = start("span.timer", "OnActiveSec=5ms\nAccuracySec=1us\n");
    const Timer& past = start("past.timer", "OnBootSec=0\n");
    const Timer& time = start("time.timer", "OnCalendar=*:*:*\nAccuracySec=1us\n");
    const Timer& later = start("later.timer", "OnActiveSec=1h\nOnCalendar=2100-01-01\n");
    until([&] { return is_running(span) && is_running(past) && is_running(time); });
    BOOST_TEST(later.sub_state() == "waiting");
    BOOST_TEST(events > 0u);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_timer_does_not_elapse, TimerWorld) {
    Timer& stopped = start("a.timer", "OnActiveSec=2ms\nAccuracySec=1us\n");
    const Timer& other = start("b.timer", "OnActiveSec=10ms\nAccuracySec=1us\n");
    stop(stopped);
    until([&] { return is_running(other); });
    BOOST_TEST(stopped.sub_state() == "dead");
}

BOOST_FIXTURE_TEST_CASE(many_timers_with_the_same_time_elapse_in_one_turn, TimerWorld) {
    std::vector<const Timer*> timers;
    for (int number = 0; number < 1000; ++number)
        timers.push_back(&start(util::concat("t", number, ".timer"), "OnCalendar=*:*:*\n"));
    const auto count = [&] {
        return std::ranges::count_if(timers, [](const Timer* timer) { return is_running(*timer); });
    };
    BOOST_TEST(count() == 0);
    // The default accuracy is a minute, so all timers wait for the same moment.
    for (const Timer* const timer : timers)
        host.timers.wake(*timer, {.monotonic = 1,
                                  .realtime = unit_types::never,
                                  .accuracy = util::TimeSpan::zero(),
                                  .follows_clock = false});
    unsigned rounds = 0;
    host.state.on_events = [&] { ++rounds; };
    until([&] { return count() == 1000; });
    BOOST_TEST(rounds == 1u);
}

BOOST_FIXTURE_TEST_CASE(only_timers_that_need_the_wall_clock_have_descriptors, TimerWorld) {
    const auto before = notifybridge::test::open_descriptors();
    start("span.timer", "OnActiveSec=1h\n");
    BOOST_TEST((notifybridge::test::open_descriptors() == before));
    Timer& time = start("time.timer", "OnCalendar=2100-01-01\n");
    Timer& clock = start("clock.timer", "OnClockChange=yes\n");
    BOOST_TEST((notifybridge::test::open_descriptors() != before));
    stop(time);
    host.forget(clock);
    BOOST_TEST((notifybridge::test::open_descriptors() == before));
}

BOOST_FIXTURE_TEST_CASE(the_stamp_of_a_timer_is_in_the_state_directory, TimerWorld) {
    const Timer& timer = start("a.timer", "OnCalendar=2100-01-01\nPersistent=yes\n");
    const std::string path = stamp_path(units.facts.state_directory, "a.timer");
    BOOST_TEST(read_stamp(path).has_value());
    BOOST_TEST(!host.timers.write_stamp(timer, 5'000'000));
    BOOST_TEST(host.timers.read_stamp(timer).value() == 5'000'000u);
}

BOOST_FIXTURE_TEST_CASE(a_fixed_random_delay_of_a_timer_never_changes, TimerWorld) {
    const Timer& fixed = start("a.timer", "OnActiveSec=1h\nFixedRandomDelay=yes\n");
    const Timer& other = start("b.timer", "OnActiveSec=1h\n");
    BOOST_TEST(host.timers.random(fixed) == host.timers.random(fixed));
    BOOST_TEST(host.timers.random(other) != host.timers.random(other));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
