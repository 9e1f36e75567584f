#include "init/rules/unit_types/target.hpp"

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

struct TargetScene : test::Scene {
    TargetScene() { add("a.target", ""); }

    Target& target() { return get<Target>("a.target"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(target)

BOOST_FIXTURE_TEST_CASE(a_target_starts_and_stops_at_once, TargetScene) {
    BOOST_TEST(state_of(target()) == "inactive/dead");
    do_job(manager::JobType::start, target());
    BOOST_TEST(state_of(target()) == "active/active");
    do_job(manager::JobType::stop, target());
    BOOST_TEST(state_of(target()) == "inactive/dead");
    BOOST_TEST((jobs == std::vector<std::string>{"a.target start done", "a.target stop done"}));
}

BOOST_FIXTURE_TEST_CASE(a_target_has_no_processes_and_accepts_no_sockets, TargetScene) {
    BOOST_TEST(!target().own_processes());
    BOOST_TEST(!target().socket_activated());
    BOOST_TEST(target().deadline() == 0u);
    BOOST_TEST(!target().can_reload());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
