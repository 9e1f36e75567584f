#include "base/notify/barrier.hpp"

#include <sys/socket.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "support/manager.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::notify {
namespace {

struct Wire {
    test::TemporaryDirectory directory;
    test::Manager manager{directory.path("manager.sock")};
    Sender sender{Address{Address::Kind::path, directory.path("manager.sock"), 0, 0, SOCK_DGRAM}};
    Barrier barrier;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(barrier_in_flight, Wire)

BOOST_AUTO_TEST_CASE(a_barrier_is_sent_alone_and_with_one_descriptor) {
    BOOST_TEST(bool(barrier.send(sender)));
    const auto received = manager.next();
    BOOST_TEST_REQUIRE(received.has_value());
    BOOST_TEST(received->text == "BARRIER=1");
    BOOST_TEST(received->fds.size() == 1u);
}

BOOST_AUTO_TEST_CASE(closing_the_descriptor_releases_the_barrier) {
    BOOST_TEST(bool(sender.send("READY=1")));
    BOOST_TEST(bool(barrier.send(sender)));
    manager.next();
    BOOST_TEST(!test::is_ready(barrier.passed(), POLLIN));
    auto received = manager.next();
    BOOST_TEST(!test::is_ready(barrier.passed(), POLLIN));
    received->fds.clear();
    BOOST_TEST(test::is_ready(barrier.passed(), POLLIN));
}

BOOST_AUTO_TEST_CASE(a_barrier_can_be_sent_again_after_a_full_queue) {
    while (sender.send("X_N=1")) {
    }
    BOOST_TEST(barrier.send(sender).error().value() == EAGAIN);
    BOOST_TEST(!test::is_ready(barrier.passed(), POLLIN));
    manager.texts();
    BOOST_TEST(bool(barrier.send(sender)));
    BOOST_TEST(manager.next().value().fds.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_barrier_is_sent_once_descriptors_are_free) {
    std::optional<test::DescriptorsUsedUp> none(std::in_place);
    Barrier late;
    BOOST_TEST(late.send(sender).error().value() == EMFILE);
    none.reset();
    BOOST_TEST(bool(late.send(sender)));
    BOOST_TEST(!test::is_ready(late.passed(), POLLIN));
    manager.texts();
    BOOST_TEST(test::is_ready(late.passed(), POLLIN));
}

BOOST_AUTO_TEST_CASE(the_awaited_descriptor_may_outlive_the_barrier_object) {
    BOOST_TEST(bool(barrier.send(sender)));
    const system::UniqueFd passed = barrier.take_passed();
    BOOST_TEST(!barrier.passed());
    manager.texts();
    BOOST_TEST(test::is_ready(passed, POLLIN));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
