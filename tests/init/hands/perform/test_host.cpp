#include "init/hands/perform/host.hpp"

#include <fcntl.h>

#include "host_world.hpp"

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(host)

BOOST_AUTO_TEST_CASE(the_engine_is_called_after_each_round_of_events) {
    test::World world;
    test::Listed& unit = world.add("a.socket", "[Socket]\nListenFIFO=@/f\n");
    unsigned rounds = 0;
    world.host.state.on_events = [&] { ++rounds; };
    world.host.sockets.open_sockets(unit);
    world.host.sockets.watch_sockets(unit, true);
    const system::UniqueFd writer(
        ::open(world.units.directory.path("f").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    BOOST_REQUIRE(::write(writer.get(), "x", 1) == 1);
    world.until([&] { return rounds > 0; });
    BOOST_TEST(unit.was_told("traffic 0"));
    world.host.sockets.close_sockets(unit);
}

BOOST_AUTO_TEST_CASE(forgetting_a_unit_releases_all_its_resources) {
    test::World world;
    test::Listed& unit = world.add_service("echo hello", "FileDescriptorStoreMax=1");
    system::Pipe pipe = system::make_pipe();
    std::vector<system::UniqueFd> fds;
    fds.push_back(std::move(pipe.reading));
    world.host.descriptors.set_message_fds(std::move(fds));
    world.host.descriptors.store_fds(unit, "pipe", true);
    world.start(unit);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(world.host.queries.stored_fds(unit) == 1u);
    BOOST_TEST(world.host.queries.log(unit, 9, util::Severity::debug, 0).size() == 1u);
    world.host.forget(unit);
    BOOST_TEST(world.host.queries.stored_fds(unit) == 0u);
    BOOST_TEST(world.host.queries.log(unit, 9, util::Severity::debug, 0).size() == 1u);
    BOOST_TEST(!world.host.state.descriptors_of(unit));
}

BOOST_AUTO_TEST_CASE(an_event_for_a_forgotten_unit_is_dropped) {
    test::World world;
    unsigned calls = 0;
    const auto count = [&](manager::Unit&) { ++calls; };
    world.add("a.service", "[Service]\nExecStart=/bin/true\n");
    world.host.state.tell("gone.service", count);
    BOOST_TEST(calls == 0u);
    world.host.state.tell("a.service", count);
    BOOST_TEST(calls == 1u);
    world.host.state.find_unit = nullptr;
    world.host.state.tell("a.service", count);
    BOOST_TEST(calls == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
