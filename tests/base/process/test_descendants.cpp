#include "base/process/descendants.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/process/children.hpp"
#include "base/process/print.hpp"

namespace notifybridge::process {

BOOST_AUTO_TEST_SUITE(family)

BOOST_AUTO_TEST_CASE(children_and_grandchildren_of_a_process_are_found) {
    // The grandchild prints its pid. Child and grandchild wait until their input ends.
    std::array<int, 2> in;
    std::array<int, 2> out;
    BOOST_TEST_REQUIRE(::pipe(in.data()) == 0);
    BOOST_TEST_REQUIRE(::pipe(out.data()) == 0);
    const Child child =
        spawn(shell("exec <&" + std::to_string(in[0]) + " >&" + std::to_string(out[1]) + "; "
                    + "exec " + std::to_string(in[1]) + ">&-; sh -c 'echo $$; read x'; exit 0"));
    std::array<char, 16> digits{};
    BOOST_TEST_REQUIRE(::read(out[0], digits.data(), digits.size() - 1) > 1);
    const pid_t grandchild = std::stoi(digits.data());

    const auto found = descendants(::getpid());
    const auto has = [&](pid_t pid) { return std::count(found.begin(), found.end(), pid) == 1; };
    BOOST_TEST(has(child.pid));
    BOOST_TEST(has(grandchild));
    BOOST_TEST(!has(::getpid()));
    BOOST_TEST(!has(::getppid()));

    for (const int fd : {in[0], in[1], out[0], out[1]})
        ::close(fd);
    BOOST_TEST(end_of(child) == ExitStatus::exited(0));
    BOOST_TEST(descendants(child.pid).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
