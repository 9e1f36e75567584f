#include "bridge/relay/main_pid.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::relay {

BOOST_AUTO_TEST_SUITE(main_pid)

BOOST_AUTO_TEST_CASE(the_number_is_that_of_the_first_assignment) {
    BOOST_TEST((main_pid_in("READY=1\nMAINPID=7\nMAINPID=8") == 7));
    BOOST_TEST((main_pid_in("STATUS=x\rMA\\INPID=12") == 12));
}

BOOST_AUTO_TEST_CASE(the_number_is_read_as_systemd_reads_it) {
    BOOST_TEST((main_pid_in("MAINPID=010") == 8));
    BOOST_TEST((main_pid_in("MAINPID= +0x10") == 16));
}

BOOST_AUTO_TEST_CASE(where_it_would_be_too_long_it_is_not_put_in) {
    const std::string rest = "READY=1\nSTATUS=" + std::string(4070, 'x');
    BOOST_TEST(!with_main_pid(rest + "\nMAINPID=7", MainPid{4711, 42}).has_value());
    BOOST_TEST(without_main_pid(rest + "\nMAINPID=7") == rest);
}

BOOST_AUTO_TEST_CASE(what_is_no_pid_is_none) {
    for (const char* const text : {"READY=1", "MAINPID=", "MAINPID=0", "MAINPID=-1", "MAINPID=1x",
                                   "MAINPID=1 ", "MAINPID=99999999999", "XMAINPID=1", ""})
        BOOST_TEST(!main_pid_in(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(it_is_replaced_and_all_else_stays) {
    const MainPid process{4711, std::nullopt};
    BOOST_TEST(*with_main_pid("MAINPID=7", process) == "MAINPID=4711");
    BOOST_TEST(*with_main_pid("READY=1\nMAINPID=7\nSTATUS=a\\\nb", process)
               == "READY=1\nSTATUS=a\\\nb\nMAINPID=4711");
    BOOST_TEST(*with_main_pid("MAINPID=7\nMA\\INPID=8\nMAINPIDFDID=5\nMAINPIDFD=1", process)
               == "MAINPID=4711");
}

BOOST_AUTO_TEST_CASE(the_id_of_the_process_goes_with_its_pid) {
    BOOST_TEST(*with_main_pid("MAINPID=7\nMAINPIDFDID=5", MainPid{4711, 42})
               == "MAINPID=4711\nMAINPIDFDID=42");
}

BOOST_AUTO_TEST_CASE(without_a_process_it_is_taken_out) {
    BOOST_TEST(without_main_pid("READY=1\nMAINPID=7\nMAINPIDFDID=5") == "READY=1");
    BOOST_TEST(without_main_pid("MAINPID=7").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::relay
