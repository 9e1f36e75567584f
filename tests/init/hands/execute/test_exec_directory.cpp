#include "init/hands/execute/exec_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "support/privileges.hpp"
#include "units.hpp"

namespace notifybridge::execute {
namespace {

using test::Units;
namespace tt = boost::unit_test;

/// The directories of a service, with functions to create and remove them.
struct Directories : Units {
    unit::ExecSettings exec;

    Failure make(const std::string& lines, const Identity& identity = {}) {
        exec = service("ExecStart=/bin/true\n" + lines).settings.exec;
        return make_directories(exec, facts, identity);
    }
    void remove(bool will_restart = false) {
        remove_runtime_directories(exec, facts, will_restart);
    }
    struct stat status(const std::string& name) const {
        struct stat found {};
        ::lstat(directory.path(name).c_str(), &found);
        return found;
    }
    unsigned mode(const std::string& name) const { return status(name).st_mode & 07777; }
    bool has(const std::string& name) const { return status(name).st_mode != 0; }
};

Identity daemon_user() {
    Identity identity;
    identity.uid = 1;
    identity.gid = 1;
    return identity;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exec_directories)

BOOST_AUTO_TEST_CASE(each_kind_of_directory_has_its_place_and_mode) {
    Directories made;
    const mode_t before = ::umask(0077);
    BOOST_TEST(!made.make(
        "RuntimeDirectory=a b/c\nStateDirectory=s\nStateDirectoryMode=0700\nCacheDirectory=c\n"
        "CacheDirectoryMode=2770\nLogsDirectory=l\nConfigurationDirectory=e"));
    ::umask(before);
    BOOST_TEST(made.mode("run/a") == 0755u);
    BOOST_TEST(made.mode("run/b") == 0755u);
    BOOST_TEST(made.mode("run/b/c") == 0755u);
    BOOST_TEST(made.mode("state/s") == 0700u);
    BOOST_TEST(made.mode("cache/c") == 02770u);
    BOOST_TEST(made.mode("logs/l") == 0755u);
    BOOST_TEST(made.mode("etc/e") == 0755u);
}

BOOST_AUTO_TEST_CASE(existing_directories_except_configuration_get_their_modes) {
    Directories made;
    made.make("StateDirectory=s\nConfigurationDirectory=e");
    made.make(
        "StateDirectory=s\nStateDirectoryMode=0710\nConfigurationDirectory=e\n"
        "ConfigurationDirectoryMode=0700");
    BOOST_TEST(made.mode("state/s") == 0710u);
    BOOST_TEST(made.mode("etc/e") == 0755u);
}

BOOST_AUTO_TEST_CASE(a_file_in_place_of_a_directory_is_a_failure) {
    Directories made;
    made.make("StateDirectory=s");
    made.directory.write("state/file", "");
    BOOST_TEST((made.make("StateDirectory=file").step == Step::state_directory));
    BOOST_TEST((made.make("StateDirectory=file/in").step == Step::state_directory));
    BOOST_REQUIRE(::symlink("s", made.directory.path("state/link").c_str()) == 0);
    BOOST_TEST((made.make("StateDirectory=link").step == Step::state_directory));
}

BOOST_AUTO_TEST_CASE(symbolic_links_to_a_services_directory_are_relative) {
    Directories made;
    for (int again = 0; again < 2; ++again)
        BOOST_TEST(!made.make("RuntimeDirectory=d/real:link d/real:e/f/link"));
    BOOST_TEST(std::filesystem::read_symlink(made.directory.path("run/link")).string() == "d/real");
    BOOST_TEST(std::filesystem::read_symlink(made.directory.path("run/e/f/link")).string()
               == "../../d/real");
    made.remove();
    BOOST_TEST(!made.has("run/link"));
    BOOST_TEST(!made.has("run/e/f/link"));
    BOOST_TEST(!made.has("run/d/real"));
}

BOOST_AUTO_TEST_CASE(runtime_directories_are_removed_without_link_targets) {
    Directories made;
    made.make("RuntimeDirectory=a b/c\nStateDirectory=s");
    made.directory.write("state/s/kept", "");
    std::filesystem::create_directories(made.directory.path("run/a/deep/er"));
    made.directory.write("run/a/deep/er/file", "");
    BOOST_REQUIRE(::symlink("../../state/s", made.directory.path("run/a/out").c_str()) == 0);
    made.remove();
    BOOST_TEST(!made.has("run/a"));
    BOOST_TEST(made.has("run/b"));
    BOOST_TEST(!made.has("run/b/c"));
    BOOST_TEST(made.has("state/s/kept"));
    made.remove();  // A second removal finds nothing and changes nothing.
}

BOOST_AUTO_TEST_CASE(preserved_runtime_directories_are_kept) {
    Directories made;
    made.make("RuntimeDirectory=a\nRuntimeDirectoryPreserve=yes");
    made.remove();
    BOOST_TEST(made.has("run/a"));
    made.make("RuntimeDirectory=a\nRuntimeDirectoryPreserve=restart");
    made.remove(true);
    BOOST_TEST(made.has("run/a"));
    made.remove(false);
    BOOST_TEST(!made.has("run/a"));
}

BOOST_AUTO_TEST_CASE(the_user_owns_only_the_innermost_of_nested_directories,
                     *tt::precondition(notifybridge::test::is_root)) {
    Directories made;
    made.make("StateDirectory=a/b\nConfigurationDirectory=e", daemon_user());
    BOOST_TEST(made.status("state/a").st_uid == 0u);
    BOOST_TEST(made.status("state/a/b").st_uid == 1u);
    BOOST_TEST(made.status("state/a/b").st_gid == 1u);
    BOOST_TEST(made.status("etc/e").st_uid == 1u);
}

BOOST_AUTO_TEST_CASE(dynamic_user_moves_a_directory_to_private_and_back) {
    Directories made;
    made.make("StateDirectory=a b/c");
    made.directory.write("state/a/file", "");
    made.directory.write("state/b/c/file", "");
    BOOST_TEST(!made.make("StateDirectory=a b/c\nDynamicUser=yes"));
    BOOST_TEST(made.has("state/private/a/file"));
    BOOST_TEST(made.has("state/private/b/c/file"));
    BOOST_TEST(made.mode("state/private") == 0711u);
    BOOST_TEST(made.mode("state/private/a") == 0700u);
    BOOST_TEST(std::filesystem::read_symlink(made.directory.path("state/a")) == "private/a");
    BOOST_TEST(std::filesystem::read_symlink(made.directory.path("state/b/c")) == "../private/b/c");
    // Make the directories again: there is nothing to move.
    BOOST_TEST(!made.make("StateDirectory=a b/c\nDynamicUser=yes"));
    BOOST_TEST(!made.make("StateDirectory=a b/c"));
    BOOST_TEST(made.mode("state/a") == 0755u);
    BOOST_TEST(S_ISDIR(made.status("state/a").st_mode));
    BOOST_TEST(made.has("state/b/c/file"));
    BOOST_TEST(!made.has("state/private/a"));
}

BOOST_AUTO_TEST_CASE(preserved_runtime_directories_of_dynamic_users_are_private) {
    Directories made;
    made.make("RuntimeDirectory=a\nDynamicUser=yes");
    BOOST_TEST(S_ISDIR(made.status("run/a").st_mode));
    made.remove();
    made.make("RuntimeDirectory=a\nRuntimeDirectoryPreserve=restart\nDynamicUser=yes");
    BOOST_TEST(S_ISLNK(made.status("run/a").st_mode));
    made.remove(true);
    BOOST_TEST(made.has("run/private/a"));
    made.remove(false);
    BOOST_TEST(!made.has("run/a"));
    BOOST_TEST(!made.has("run/private/a"));
}

BOOST_AUTO_TEST_CASE(a_directory_and_its_content_are_given_to_the_user,
                     *tt::precondition(notifybridge::test::is_root)) {
    Directories made;
    made.make("StateDirectory=a\nStateDirectoryMode=2755\nConfigurationDirectory=e");
    std::filesystem::create_directories(made.directory.path("state/a/in"));
    made.directory.write("state/a/in/file", "");
    made.directory.write("foreign", "");
    BOOST_REQUIRE(::symlink("../../foreign", made.directory.path("state/a/out").c_str()) == 0);
    made.make("StateDirectory=a\nStateDirectoryMode=2755\nConfigurationDirectory=e", daemon_user());
    BOOST_TEST(made.status("state/a/in/file").st_uid == 1u);
    BOOST_TEST(made.mode("state/a") == 02755u);
    BOOST_TEST(made.status("foreign").st_uid == 0u);
    BOOST_TEST(made.status("etc/e").st_uid == 0u);
    // If the directory has the right owner, its content is not changed.
    made.directory.write("state/a/later", "");
    made.make("StateDirectory=a", daemon_user());
    BOOST_TEST(made.status("state/a/later").st_uid == 0u);
    made.make("StateDirectory=a");
    BOOST_TEST(made.status("state/a/in/file").st_uid == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::execute
