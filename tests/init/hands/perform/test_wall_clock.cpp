#include "init/hands/perform/wall_clock.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/system/clock.hpp"
#include "support/descriptors.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::perform {
namespace {

struct Clocked {
    Clocked() {
        loop.spawn([this] { return poller.run(); });
        link_to("Berlin");
        clock.on_time = [this] { ++times; };
        clock.on_clock_change = [] {};
        clock.on_zone_change = [this] { ++zones; };
    }

    void link_to(const std::string& zone) {
        std::filesystem::remove(directory.path("new"));
        std::filesystem::create_symlink(zone, directory.path("new"));
        std::filesystem::rename(directory.path("new"), directory.path("localtime"));
    }
    void until(const std::function<bool()>& is_so) {
        notifybridge::test::run(
            loop, [&]() -> event::Awaitable<> { co_await notifybridge::test::until(loop, is_so); });
    }

    const notifybridge::test::TemporaryDirectory directory;
    event::Loop loop;
    event::Poller poller{loop};
    WallClock clock{poller, directory.path("localtime")};
    unsigned times = 0;
    unsigned zones = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wall_clock)

BOOST_FIXTURE_TEST_CASE(the_wall_clock_reports_a_time_once, Clocked) {
    const std::uint64_t moment = system::now().realtime + 20'000;
    clock.run(moment);
    until([&] { return times > 0; });
    BOOST_TEST(system::now().realtime >= moment);
    // The clock also reports a time that has already passed.
    clock.run(moment);
    until([&] { return times > 1; });
    BOOST_TEST(times == 2u);
    BOOST_TEST(zones == 0u);
}

BOOST_FIXTURE_TEST_CASE(the_time_that_the_wall_clock_awaits_can_be_changed, Clocked) {
    clock.run(system::now().realtime + 3'600'000'000);
    clock.run(0);
    clock.run(system::now().realtime + 1);
    until([&] { return times > 0; });
    BOOST_TEST(times == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_time_zone_change_is_reported, Clocked) {
    clock.run(0);
    // A change of another file beside the link does not count.
    directory.write("hosts", "x");
    link_to("Tokyo");
    until([&] { return zones > 0; });
    BOOST_TEST(zones == 1u);
    BOOST_TEST(times == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_wall_clock_has_no_descriptors, Clocked) {
    const auto before = notifybridge::test::open_descriptors();
    clock.run(0);
    BOOST_TEST((notifybridge::test::open_descriptors() != before));
    clock.stop();
    BOOST_TEST((notifybridge::test::open_descriptors() == before));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
