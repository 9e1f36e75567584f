#include "base/system/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <utility>

namespace notifybridge::system {
namespace {

UniqueFd open_null() {
    return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(descriptors)

BOOST_AUTO_TEST_CASE(the_owner_of_a_descriptor_closes_its_descriptor) {
    int number;
    {
        const UniqueFd fd = open_null();
        number = fd.get();
        BOOST_TEST(is_open(number));
    }
    BOOST_TEST(!is_open(number));
}

BOOST_AUTO_TEST_CASE(moving_an_owner_transfers_its_descriptor) {
    UniqueFd from = open_null();
    const int number = from.get();
    UniqueFd to = std::move(from);
    BOOST_TEST(!from);
    BOOST_TEST(to.get() == number);
    BOOST_TEST(is_open(number));
}

BOOST_AUTO_TEST_CASE(assigning_to_an_owner_closes_its_old_descriptor) {
    UniqueFd from = open_null();
    UniqueFd to = open_null();
    const int before = to.get();
    to = std::move(from);
    BOOST_TEST(!is_open(before));
    BOOST_TEST(is_open(to.get()));
}

BOOST_AUTO_TEST_CASE(moving_an_owner_to_itself_keeps_its_descriptor) {
    UniqueFd fd = open_null();
    UniqueFd& same = fd;
    const int number = fd.get();
    fd = std::move(same);
    BOOST_TEST(fd.get() == number);
    BOOST_TEST(is_open(number));
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_its_owner_releases_stays_open) {
    UniqueFd fd = open_null();
    const UniqueFd number(fd.release());
    BOOST_TEST(!fd);
    fd.reset();
    BOOST_TEST(is_open(number.get()));
}

BOOST_AUTO_TEST_CASE(a_borrower_never_closes_a_descriptor) {
    const UniqueFd owner = open_null();
    {
        const Fd borrowed = owner;
        BOOST_TEST(borrowed.get() == owner.get());
    }
    BOOST_TEST(is_open(owner.get()));
    BOOST_TEST(!Fd());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
