#include <sched.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "bridge/simulation/world.hpp"

/// Runs simulations of a unit (`World`), one seed after the other. Options follow `--`:
///   --seed=N    begins with this seed
///   --events=N  runs worlds until so many events have happened
///   --tells=1   prints each seed before its world
/// If a world fails, prints its seed. `--seed=N --events=1` repeats this world.
namespace notifybridge::bridge::simulation {
namespace {

constexpr std::uint64_t usual_events = 300'000;
constexpr std::uint64_t many_events = 20'000'000;

std::uint64_t option(std::string_view name, std::uint64_t otherwise) {
    const auto& suite = boost::unit_test::framework::master_test_suite();
    for (int at = 1; at < suite.argc; ++at) {
        std::string_view argument = suite.argv[at];
        if (!argument.starts_with(name))
            continue;
        argument.remove_prefix(name.size());
        std::from_chars(argument.begin(), argument.end(), otherwise);
    }
    return otherwise;
}

/// Makes the worlds independent of this machine.
struct Surroundings {
    Surroundings() {
        // Keep files in memory, unless TMPDIR is set.
        if (::access("/dev/shm", W_OK) == 0)
            ::setenv("TMPDIR", "/dev/shm", /*overwrite=*/0);
        // In a new network namespace, a socket holds 10 messages, as in a container. On the host,
        // systemd raises this limit to 512, and a seed would give another world. Without the right
        // to unshare, the limit stays.
        static_cast<void>(::unshare(CLONE_NEWNET));
    }
};

std::uint64_t events_wanted() {
    return option("--events=", std::getenv("NOTIFYBRIDGE_LONG") ? many_events : usual_events);
}

/// Runs the world again, and returns its last events.
std::string history_of(std::uint64_t seed) {
    World world(seed, /*records=*/true);
    const std::string wrong = world.live();
    return world.history().text() + "again: " + wrong;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(simulation, *boost::unit_test::fixture<Surroundings>())

BOOST_AUTO_TEST_CASE(no_world_breaks_a_promise) {
    const auto began = std::chrono::system_clock::now();
    std::uint64_t seed = option("--seed=", 1);
    std::uint64_t events = 0;
    std::uint64_t calls = 0;
    std::uint64_t worlds = 0;
    for (; events < events_wanted(); ++seed, ++worlds) {
        std::string wrong;
        if (option("--tells=", 0) != 0)
            std::cerr << "seed " << seed << std::endl;
        {
            World world(seed, /*records=*/false);
            wrong = world.live();
            events += world.history().count();
            calls += world.calls();
        }
        if (!wrong.empty())
            BOOST_FAIL("seed " << seed << ": " << wrong << "\n" << history_of(seed));
    }
    const std::chrono::duration<double> took = std::chrono::system_clock::now() - began;
    BOOST_TEST(worlds > 0u);
    BOOST_TEST_MESSAGE(worlds << " worlds, " << events << " events and " << calls
                              << " system calls in " << took.count() << " s");
}

BOOST_AUTO_TEST_CASE(a_seed_creates_the_same_world_twice) {
    for (std::uint64_t seed = 1; seed < 10; ++seed) {
        std::uint64_t fingerprints[2];
        for (std::uint64_t& each : fingerprints) {
            World world(seed, /*records=*/false);
            world.live();
            each = world.fingerprint();
        }
        BOOST_TEST(fingerprints[0] == fingerprints[1], "seed " << seed);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::bridge::simulation
