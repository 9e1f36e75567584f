#include "base/system/lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <ostream>

#include "base/system/file.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::system {

inline std::ostream& boost_test_print_type(std::ostream& out, LockState state) {
    constexpr const char* names[] = {"free", "held", "unknown"};
    return out << names[static_cast<std::size_t>(state)];
}

namespace {

struct TwoOpenings {
    test::TemporaryDirectory directory;
    UniqueFd owner = open();
    UniqueFd other = open();

    UniqueFd open() const {
        return UniqueFd(::open(directory.path("file").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(locks, TwoOpenings)

BOOST_AUTO_TEST_CASE(a_lock_without_a_holder_is_free) {
    BOOST_TEST(query_life_lock(other) == LockState::free);
}

BOOST_AUTO_TEST_CASE(a_lock_is_visible_to_others_but_not_to_its_owner) {
    BOOST_TEST(take_life_lock(owner) == LockState::free);
    BOOST_TEST(query_life_lock(other) == LockState::held);
    BOOST_TEST(query_life_lock(owner) == LockState::free);
}

BOOST_AUTO_TEST_CASE(a_lock_has_only_one_holder) {
    BOOST_TEST(take_life_lock(owner) == LockState::free);
    BOOST_TEST(take_life_lock(other) == LockState::held);
    BOOST_TEST(take_life_lock(owner) == LockState::free);
}

BOOST_AUTO_TEST_CASE(querying_a_lock_does_not_take_the_lock) {
    BOOST_TEST(query_life_lock(other) == LockState::free);
    BOOST_TEST(take_life_lock(owner) == LockState::free);
}

BOOST_AUTO_TEST_CASE(a_reader_may_query_a_lock) {
    BOOST_TEST(take_life_lock(owner) == LockState::free);
    const auto reader = open_regular(directory.fd(), "file", O_RDONLY);
    BOOST_TEST(query_life_lock(*reader) == LockState::held);
}

BOOST_AUTO_TEST_CASE(a_lock_ends_with_its_last_descriptor) {
    BOOST_TEST(take_life_lock(owner) == LockState::free);
    UniqueFd copy(::dup(owner.get()));
    owner.reset();
    BOOST_TEST(query_life_lock(other) == LockState::held);
    copy.reset();
    BOOST_TEST(query_life_lock(other) == LockState::free);
}

BOOST_AUTO_TEST_CASE(a_lock_survives_another_open_and_close_of_its_file) {
    BOOST_TEST(take_life_lock(owner) == LockState::free);
    open().reset();
    BOOST_TEST(query_life_lock(other) == LockState::held);
}

BOOST_AUTO_TEST_CASE(a_directory_is_locked_by_one_process_only) {
    const auto first = open_directory(directory.path());
    const auto second = open_directory(directory.path());
    BOOST_TEST(take_directory_lock(*first));
    BOOST_TEST(!take_directory_lock(*second));
    BOOST_TEST(take_directory_lock(*first));
}

BOOST_AUTO_TEST_CASE(proc_counts_as_a_local_file_system) {
    const auto proc = open_directory("/proc");
    BOOST_TEST(is_local_file_system(*proc));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
