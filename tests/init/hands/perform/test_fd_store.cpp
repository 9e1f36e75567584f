#include "init/hands/perform/fd_store.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/system/pipe.hpp"

namespace notifybridge::perform {
namespace {

std::vector<std::string> names_of(const std::vector<FdStore::Stored>& stored) {
    std::vector<std::string> names;
    for (const FdStore::Stored& one : stored)
        names.push_back(one.name);
    return names;
}

system::UniqueFd copy_of(system::Fd fd) {
    return system::UniqueFd(::dup(fd.get()));
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(fd_store)

BOOST_AUTO_TEST_CASE(a_descriptor_without_a_name_is_called_stored) {
    const system::Pipe pipe = system::make_pipe();
    FdStore store;
    BOOST_TEST(bool(store.add(copy_of(pipe.reading), "", 2)));
    BOOST_TEST(bool(store.add(copy_of(pipe.writing), "log", 2)));
    BOOST_TEST((names_of(store.all()) == Names{"stored", "log"}));
}

BOOST_AUTO_TEST_CASE(the_same_open_file_is_stored_only_once) {
    const system::Pipe pipe = system::make_pipe();
    FdStore store;
    BOOST_TEST(bool(store.add(copy_of(pipe.reading), "a", 9)));
    system::UniqueFd again = copy_of(pipe.reading);
    BOOST_TEST(!store.add(std::move(again), "b", 9));
    BOOST_TEST(bool(again), "the caller has lost its descriptor");
    BOOST_TEST((names_of(store.all()) == Names{"a"}));
}

BOOST_AUTO_TEST_CASE(a_full_descriptor_store_refuses_descriptors) {
    const system::Pipe pipe = system::make_pipe();
    FdStore store;
    BOOST_TEST(!store.add(copy_of(pipe.reading), "a", 0));
    BOOST_TEST(bool(store.add(copy_of(pipe.reading), "a", 1)));
    BOOST_TEST(!store.add(copy_of(pipe.writing), "b", 1));
    BOOST_TEST((names_of(store.all()) == Names{"a"}));
}

BOOST_AUTO_TEST_CASE(descriptors_that_are_taken_leave_the_store) {
    const system::Pipe one = system::make_pipe();
    const system::Pipe other = system::make_pipe();
    FdStore store;
    store.add(copy_of(one.reading), "a", 9);
    store.add(copy_of(one.writing), "b", 9);
    store.add(copy_of(other.reading), "a", 9);
    const auto taken = store.take([](const FdStore::Stored& each) { return each.name == "a"; });
    BOOST_TEST((names_of(taken) == Names{"a", "a"}));
    BOOST_TEST((names_of(store.all()) == Names{"b"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
