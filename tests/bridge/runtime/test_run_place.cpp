#include "bridge/runtime/run_place.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime {

BOOST_AUTO_TEST_SUITE(run_place)

BOOST_AUTO_TEST_CASE(a_process_is_of_the_last_service_on_its_way) {
    BOOST_TEST(service_of("0::/system.slice/app.service\n") == "app.service");
    BOOST_TEST(service_of("12:pids:/x.service\n0::/system.slice/app@1.service/payload\n")
               == "app@1.service");
    BOOST_TEST(service_of("0::/user.slice/user-1.slice/user@1.service/app.slice/app.service\n")
               == "app.service");
    BOOST_TEST(service_of("0::/user.slice/user-1.slice/session-2.scope\n") == "");
    BOOST_TEST(service_of("0::/user.slice/user-1.slice/user@1.service/app.slice/a.scope\n") == "");
    BOOST_TEST(service_of("12:pids:/x.service\n") == "");
    BOOST_TEST(service_of("") == "");
}

BOOST_AUTO_TEST_CASE(a_service_has_one_place_that_nobody_else_enters) {
    const test::TemporaryDirectory above;
    const std::string place = make_service_place(above.path(), "app.service");
    BOOST_TEST(place == above.path() + "/notifybridge/app.service");
    struct stat status {};
    BOOST_TEST_REQUIRE(::stat(place.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0700);
    ::chmod(place.c_str(), 0777);
    BOOST_TEST(make_service_place(above.path(), "app.service") == place);
    BOOST_TEST_REQUIRE(::stat(place.c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 07777) == 0700);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_too_long_for_a_socket_is_cut_short_the_same_way_each_time) {
    const test::TemporaryDirectory above;
    const std::string name = std::string(200, 'a') + ".service";
    const std::string place = make_service_place(above.path(), name);
    BOOST_TEST(place.size() < above.path().size() + 40);
    BOOST_TEST(make_service_place(above.path(), name) == place);
    BOOST_TEST(make_service_place(above.path(), "b" + name) != place);
}

BOOST_AUTO_TEST_CASE(what_is_no_directory_of_ours_is_refused) {
    const test::TemporaryDirectory above;
    above.write("notifybridge", "");
    BOOST_CHECK_THROW(make_service_place(above.path(), "app.service"), Refusal);
    BOOST_CHECK_THROW(make_temporary_place(above.path("missing")), Refusal);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
