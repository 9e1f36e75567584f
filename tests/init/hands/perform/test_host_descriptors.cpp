#include "init/hands/perform/host_descriptors.hpp"

#include "host_world.hpp"

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(host_descriptors)

BOOST_AUTO_TEST_CASE(a_service_gets_stored_descriptors_until_they_hang_up) {
    test::World world;
    test::Listed& unit = world.add_service("echo \"$LISTEN_FDS $LISTEN_FDNAMES\"; cat <&4",
                                           "FileDescriptorStoreMax=2");
    system::Pipe file = system::make_pipe(), polled = system::make_pipe();
    BOOST_REQUIRE(::write(file.writing.get(), "kept\n", 5) == 5);
    file.writing.reset();
    const auto store = [&](const system::UniqueFd& fd, std::string_view name, bool is_polled) {
        std::vector<system::UniqueFd> fds;
        fds.emplace_back(::dup(fd.get()));
        world.host.descriptors.set_message_fds(std::move(fds));
        world.host.descriptors.store_fds(unit, name, is_polled);
    };
    store(file.reading, "", false);
    store(file.reading, "again", false);
    store(polled.reading, "polled", true);
    store(polled.writing, "one too many", true);
    BOOST_TEST(world.host.queries.stored_fds(unit) == 2u);
    world.start(unit);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(world.has_logged("]: 2 polled:stored\n"));
    BOOST_TEST(world.has_logged("]: kept\n"));
    polled.writing.reset();
    world.until([&] { return world.host.queries.stored_fds(unit) == 1; });
    world.host.descriptors.remove_fds(unit, "none");
    BOOST_TEST(world.host.queries.stored_fds(unit) == 1u);
    world.host.descriptors.remove_fds(unit, "stored");
    BOOST_TEST(world.host.queries.stored_fds(unit) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
