#include "init/hands/perform/process_list.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <future>
#include <thread>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::perform {

BOOST_AUTO_TEST_SUITE(process_list)

BOOST_AUTO_TEST_CASE(a_stat_line_may_have_any_process_name) {
    const auto found =
        parse_stat("12 (a) Z 1 (b) S 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 424242 22 23");
    BOOST_REQUIRE(found);
    BOOST_TEST(found->pid == 12);
    BOOST_TEST(found->parent == 3);
    BOOST_TEST(found->session == 5);
    BOOST_TEST(found->start_time == 424242u);
    BOOST_TEST(!found->is_zombie);
    BOOST_TEST(!found->is_thread);
    for (const char* const bad : {"", "12", "12 (a", "12 (a)", "12 (a) S x", "x (a) S 1 2 3"})
        BOOST_TEST(!parse_stat(bad));
}

BOOST_AUTO_TEST_CASE(the_id_of_a_thread_is_not_the_pid_of_a_process) {
    std::promise<pid_t> id;
    std::promise<void> end;
    std::thread thread([&, over = end.get_future()] {
        id.set_value(::gettid());
        over.wait();
    });
    const pid_t thread_id = id.get_future().get();
    const std::string stat = system::text_of(util::concat("/proc/", thread_id, "/stat"));
    const auto shown = parse_stat(stat);
    const auto found = find_process(thread_id);
    const auto own = find_process(::getpid());
    end.set_value();
    thread.join();
    BOOST_TEST((shown && shown->is_thread), stat);
    BOOST_TEST(!found);
    BOOST_TEST((own && own->pid == ::getpid()));
}

BOOST_AUTO_TEST_CASE(our_children_are_listed_until_they_are_reaped) {
    const auto is_listed = [](pid_t pid) {
        const auto children = children_of_ours();
        BOOST_TEST_REQUIRE(children.has_value());
        return std::ranges::find(*children, pid) != children->end();
    };
    std::array<pid_t, 3> started{};
    for (pid_t& child : started) {
        child = ::fork();
        BOOST_TEST_REQUIRE(child >= 0);
        if (child == 0)
            ::_exit(0);
    }
    for (const pid_t child : started) {
        BOOST_TEST(is_listed(child));
        BOOST_TEST(::waitpid(child, nullptr, 0) == child);
        BOOST_TEST(!is_listed(child));
    }
    BOOST_TEST(!is_listed(::getpid()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform
