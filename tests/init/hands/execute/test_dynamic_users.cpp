#include "init/hands/execute/dynamic_users.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runs.hpp"
#include "support/privileges.hpp"

namespace notifybridge::execute {
namespace {

using process::ExitStatus;
using test::Units;
namespace tt = boost::unit_test;

bool none_is_taken(uid_t) {
    return false;
}

constexpr uid_t of_dyn = 62264;  // systemd 252 gives this id to a user "dyn" if it is free.

/// Runs a script for a service with DynamicUser=yes as the manager does, and returns the result.
test::Run run_as_dynamic(DynamicUsers& users, const Units& units, const std::string& lines,
                         const std::string& script) {
    return test::run_script(units, "DynamicUser=yes\n" + lines, script, [&](StartRequest& request) {
        std::string fault;
        request.dynamic = acquire_ids(users, "a.service", request.exec, units.facts, fault);
        BOOST_TEST(fault == "");
    });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dynamic_users)

BOOST_AUTO_TEST_CASE(a_dynamic_user_gets_the_same_id_as_from_systemd) {
    DynamicUsers users;
    BOOST_TEST((users.acquire("a", "dyn", {}, none_is_taken) == of_dyn));
    BOOST_TEST((users.acquire("b", "_dud645219be626ade9", {}, none_is_taken) == 63377u));
    BOOST_TEST((users.acquire("c", "foo", {}, none_is_taken) == 63016u));
}

BOOST_AUTO_TEST_CASE(units_with_the_same_user_name_share_a_dynamic_user) {
    DynamicUsers users;
    BOOST_TEST((users.acquire("a", "dyn", {}, none_is_taken) == of_dyn));
    // The second unit gets the same id, although it prefers another id and all ids are taken.
    const std::vector<uid_t> wanted = {62000};
    BOOST_TEST((users.acquire("b", "dyn", wanted, [](uid_t) { return true; }) == of_dyn));
    users.release("a");
    BOOST_TEST((users.find("dyn") == of_dyn));
    users.release("b");
    BOOST_TEST(!users.find("dyn"));
    BOOST_TEST(!users.find("other"));
}

BOOST_AUTO_TEST_CASE(a_user_id_that_is_in_use_is_skipped) {
    DynamicUsers users;
    BOOST_TEST(
        (users.acquire("a", "dyn", {}, [](uid_t id) { return id == of_dyn; }) == of_dyn + 1));
    users.release("a");
    // A user in the system's files now has the unit's old id, so this id is skipped.
    BOOST_TEST(
        (users.acquire("a", "dyn", {}, [](uid_t id) { return id == of_dyn + 1; }) == of_dyn));
}

BOOST_AUTO_TEST_CASE(the_user_id_that_owns_the_directories_is_preferred) {
    DynamicUsers users;
    const std::vector<uid_t> wanted = {0, 1000, 65520, 61183, 61184, 62000};
    BOOST_TEST((users.acquire("a", "dyn", wanted, none_is_taken) == 61184u));
    BOOST_TEST((users.acquire("b", "other", wanted, none_is_taken) == 62000u));
}

BOOST_AUTO_TEST_CASE(a_released_user_id_is_reused_last) {
    DynamicUsers users;
    users.acquire("a", "dyn", {}, none_is_taken);
    users.release("a");
    const std::vector<uid_t> wanted = {of_dyn};
    BOOST_TEST((users.acquire("b", "foo", wanted, none_is_taken) == 63016u));
    users.release("b");
    const auto is_only = [](uid_t id) { return id != of_dyn; };
    BOOST_TEST((users.acquire("c", "other", wanted, is_only) == of_dyn));
    // The id now belongs to the name "other".
    BOOST_TEST(!users.acquire("a", "dyn", {}, is_only));
    users.release("c");
    BOOST_TEST((users.acquire("a", "dyn", {}, is_only) == of_dyn));
}

BOOST_AUTO_TEST_CASE(all_user_ids_in_the_range_and_no_others_are_assigned) {
    DynamicUsers users;
    std::set<uid_t> given;
    for (uid_t at = 0; at < DynamicUsers::last - DynamicUsers::first + 1; ++at)
        given.insert(*users.acquire("a", "u" + std::to_string(at), {}, none_is_taken));
    BOOST_TEST(given.size() == 4336u);
    BOOST_TEST(*given.begin() == DynamicUsers::first);
    BOOST_TEST(*given.rbegin() == DynamicUsers::last);
    BOOST_TEST(!users.acquire("a", "one-more", {}, none_is_taken));
}

BOOST_AUTO_TEST_CASE(a_dynamic_service_runs_as_its_own_user,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    DynamicUsers users;
    const auto run =
        run_as_dynamic(users, units, "User=dyn",
                       "id -u; id -g; id -G; echo $USER $LOGNAME ${HOME-none} ${SHELL-none};"
                       "grep NoNewPrivs /proc/self/status");
    BOOST_TEST(run.output == "62264\n62264\n62264\ndyn dyn none none\nNoNewPrivs:\t1\n");
    BOOST_TEST(
        (find_ids(users,
                  units.service("ExecStart=/bin/true\nDynamicUser=yes\nUser=dyn").settings.exec)
             .user
         == of_dyn));
}

BOOST_AUTO_TEST_CASE(a_dynamic_service_uses_an_existing_user,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    DynamicUsers users;
    BOOST_TEST(run_as_dynamic(users, units, "User=daemon", "id -u; id -g").output == "1\n1\n");
    BOOST_TEST(run_as_dynamic(users, units, "User=4711", "id -u; id -g").output == "4711\n4711\n");
    BOOST_TEST(run_as_dynamic(users, units, "User=dyn\nGroup=foo", "id -u; id -g").output
               == "62264\n63016\n");
    BOOST_TEST(run_as_dynamic(users, units, "User=dyn\nGroup=daemon", "id -u; id -g").output
               == "62264\n1\n");
}

BOOST_AUTO_TEST_CASE(a_group_with_the_users_name_but_no_user_is_an_error) {
    const Units units;
    DynamicUsers users;
    const auto ids = [&](const std::string& lines) {
        std::string fault;
        const auto unit = units.service("ExecStart=/bin/true\nDynamicUser=yes\n" + lines);
        acquire_ids(users, "a.service", unit.settings.exec, units.facts, fault);
        return fault;
    };
    BOOST_TEST(ids("User=adm") == "user and group adm must both exist or both be missing");
    BOOST_TEST(ids("User=dyn\nGroup=_apt")
               == "user and group _apt must both exist or both be missing");
    BOOST_TEST(ids("User=dyn") == "");
}

BOOST_AUTO_TEST_CASE(a_dynamic_service_needs_a_free_user_id) {
    const Units units;
    const auto run = test::run_script(units, "DynamicUser=yes\nUser=dyn", "id -u");
    BOOST_TEST((run.failure == Failure{Step::user, ESRCH}));
    BOOST_TEST((run.end == ExitStatus::exited(217)));
}

BOOST_AUTO_TEST_CASE(directories_of_a_dynamic_service_are_closed_to_others,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    DynamicUsers users;
    const std::string lines =
        "User=dyn\nStateDirectory=dyn dyn/sub\nRuntimeDirectory=dyn\nConfigurationDirectory=dyn";
    const auto run = run_as_dynamic(
        users, units, lines,
        "cd $RUNTIME_DIRECTORY && touch here && cd ${STATE_DIRECTORY%%:*} && touch sub/there &&"
        "stat -c '%n %u:%g %a' . sub sub/there .. && readlink ../../dyn");
    BOOST_TEST(run.output
               == ". 62264:62264 700\nsub 62264:62264 700\nsub/there 62264:62264 644\n.. 0:0 711\n"
                  "private/dyn\n");
    struct stat status;
    BOOST_TEST(::lstat(units.directory.path("run/dyn").c_str(), &status) == 0);
    BOOST_TEST((S_ISDIR(status.st_mode) && status.st_uid == of_dyn));
    BOOST_TEST(::lstat(units.directory.path("etc/dyn").c_str(), &status) == 0);
    BOOST_TEST(S_ISDIR(status.st_mode));
}

BOOST_AUTO_TEST_CASE(a_dynamic_service_becomes_the_owner_of_its_directories,
                     *tt::precondition(notifybridge::test::is_root)) {
    const Units units;
    const std::string lines = "User=dyn\nCacheDirectory=c";
    DynamicUsers before;
    std::string fault;
    before.acquire("b.service", "other", std::vector<uid_t>{of_dyn}, none_is_taken);
    run_as_dynamic(before, units, lines, "touch $CACHE_DIRECTORY/file");
    DynamicUsers after;
    BOOST_TEST(run_as_dynamic(after, units, lines, "id -u; stat -c %u $CACHE_DIRECTORY/file").output
               == "62265\n62265\n");
    // If another user has the old id now, the user "dyn" gets a new id and the directories.
    DynamicUsers later;
    later.acquire("b.service", "other", std::vector<uid_t>{of_dyn + 1}, none_is_taken);
    BOOST_TEST(run_as_dynamic(later, units, lines, "id -u; stat -c %u $CACHE_DIRECTORY/file").output
               == "62264\n62264\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::execute
