#include <signal.h>

#include <boost/test/unit_test.hpp>

#include "base/process/children.hpp"
#include "base/process/proc.hpp"
#include "base/system/clock.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::process {

BOOST_AUTO_TEST_SUITE(proc_of_children)

BOOST_AUTO_TEST_CASE(who_is_in_execve_has_its_variables) {
    const test::TemporaryDirectory directory;
    directory.write("again", "#!/bin/sh\nexec \"$0\"\n");
    Command command = shell(
        util::concat("chmod +x ", directory.path("again"), "; exec ", directory.path("again")));
    command.environment.set("MARK", "here");
    const Child child = spawn(command);
    int missing = 0;
    for (int look = 0; look < 2000; ++look)
        missing += variable_of(child.pid, "MARK") != "here";
    ::kill(child.pid, SIGKILL);
    end_of(child);
    BOOST_TEST(missing == 0);
}

BOOST_AUTO_TEST_CASE(who_has_no_variables_is_not_waited_for) {
    const Child child = spawn(shell("exec env -i sleep 1000"));
    while (system::text_of(util::concat("/proc/", child.pid, "/comm")) != "sleep\n") {
    }
    const auto before = system::monotonic_now();
    for (int look = 0; look < 100; ++look)
        BOOST_TEST(environ_of(child.pid) == "");
    BOOST_TEST(system::monotonic_now() - before < 900'000u);
    ::kill(child.pid, SIGKILL);
    end_of(child);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
