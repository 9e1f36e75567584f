#include "bridge/runtime/share.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "bridge/channel/token.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime::test_share {
namespace {

using boost::unit_test::precondition;
using util::concat;

/// The directory of a live `wait`, and the request of a container. Only we can enter the parent.
struct Host {
    test::TemporaryDirectory above;
    std::string path = above.path("shared");
    std::optional<system::UniqueFd> directory;
    std::optional<channel::Token> token;
    Wish wish;

    Host() {
        BOOST_TEST_REQUIRE(::mkdir(path.c_str(), 0755) == 0);
        directory = *system::open_directory(path);
        token.emplace(*directory);
        wish.shared_directory = path;
        wish.token = token->text();
        wish.user = system::Account{::geteuid(), ::getegid()};
    }

    std::string share() const { return share_directory(wish); }

    std::string refusal() const {
        try {
            return concat("it gives ", share());
        } catch (const Refusal& refusal) {
            return refusal.what();
        }
    }

    mode_t mode() const {
        struct stat status {};
        BOOST_TEST_REQUIRE(::stat(path.c_str(), &status) == 0);
        return status.st_mode & 07777;
    }
};

bool says(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(share_of_the_host, Host)

BOOST_AUTO_TEST_CASE(the_token_of_a_live_wait_shares_its_directory) {
    BOOST_TEST(share() == path);
    BOOST_TEST(mode() == 0755u);
}

BOOST_AUTO_TEST_CASE(the_containers_user_gets_access_to_a_shared_directory) {
    wish.user = std::nullopt;
    BOOST_TEST(share() == path);
    BOOST_TEST(mode() == 01777u);
}

BOOST_AUTO_TEST_CASE(without_a_token_no_directory_is_shared) {
    wish.token = "";
    BOOST_TEST(says(refusal(), concat("SHARED_DIR=\"", path, "\": nothing is mounted there")));
    BOOST_TEST(says(refusal(), "mount it with -v (in a pod: as a volume)"));
    BOOST_TEST(says(refusal(), "-e SHARED_DIR -e NOTIFYBRIDGE_TOKEN"));
}

BOOST_AUTO_TEST_CASE(a_guessed_token_shares_nothing_and_changes_nothing) {
    wish.user = std::nullopt;
    wish.token = "guess";
    BOOST_TEST(says(refusal(), "is not the token of the `notifybridge wait`"));
    wish.token = std::string(32, '0');
    BOOST_TEST(says(refusal(), "is not the token of the `notifybridge wait`"));
    BOOST_TEST(mode() == 0755u);
}

BOOST_AUTO_TEST_CASE(the_token_of_another_directory_shares_no_directory) {
    const Host other;
    wish.token = other.wish.token;
    BOOST_TEST(says(refusal(), "is not the token of the `notifybridge wait`"));
}

BOOST_AUTO_TEST_CASE(the_token_of_an_ended_wait_shares_no_directory) {
    token.reset();
    BOOST_TEST(says(refusal(), "is not the token of the `notifybridge wait`"));
}

BOOST_AUTO_TEST_CASE(a_file_in_place_of_a_shared_directory_is_refused) {
    wish.shared_directory = above.path("none");
    BOOST_TEST(says(refusal(), "there is no such directory on the host (No such file"));
    above.write("file", "");
    wish.shared_directory = above.path("file");
    BOOST_TEST(says(refusal(), "there is no such directory on the host (Not a directory"));
}

BOOST_AUTO_TEST_CASE(a_container_of_an_earlier_run_is_refused_with_its_unit) {
    wish.shared_directory = "/run/notifybridge/app.service/shared";
    BOOST_TEST(says(refusal(), "this container belongs to an earlier start of app.service"));
    BOOST_TEST(says(refusal(), "; `systemctl restart app.service` creates a new one"));
    wish.shared_directory = "/run/user/7/notifybridge/app.service/shared";
    BOOST_TEST(says(refusal(), "; `systemctl [--user] restart app.service`"));
    for (const char* const other : {"/run/notifybridge/run.a1/shared", "/run/app.service/shared",
                                    "/run/notifybridge/app.service/other"}) {
        wish.shared_directory = other;
        BOOST_TEST(says(refusal(), "there is no such directory on the host"));
    }
}

BOOST_AUTO_TEST_CASE(our_own_link_shares_the_directory_that_it_names) {
    BOOST_TEST_REQUIRE(::symlink("shared", above.path("link").c_str()) == 0);
    wish.shared_directory = above.path("link");
    BOOST_TEST(share() == path);
}

BOOST_AUTO_TEST_CASE(a_directory_that_another_user_can_replace_is_refused) {
    BOOST_TEST_REQUIRE(::chmod(above.path().c_str(), 0777) == 0);
    BOOST_TEST(says(refusal(), "another user can replace it with a link"));
}

BOOST_AUTO_TEST_CASE(our_directory_below_a_sticky_directory_is_shared) {
    BOOST_TEST_REQUIRE(::chmod(above.path().c_str(), 01777) == 0);
    BOOST_TEST(share() == path);
}

BOOST_AUTO_TEST_CASE(our_directory_below_another_users_directory_is_refused,
                     *precondition(test::is_root)) {
    BOOST_TEST_REQUIRE(::chown(above.path().c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST(says(refusal(), "another user can replace it with a link"));
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_opened_to_the_user_is_refused) {
    BOOST_TEST_REQUIRE(::chmod(above.path().c_str(), 01777) == 0);
    wish.user = std::nullopt;
    BOOST_TEST(says(refusal(), "joins an existing user namespace"));
    wish.user = system::Account{999, 999};
    BOOST_TEST(says(refusal(), "RuntimeDirectory="));
}

BOOST_AUTO_TEST_CASE(a_mount_label_is_not_an_error_without_selinux, *precondition(test::is_root)) {
    // On a tmpfs without SELinux, root may set any label. The test only checks that labels cause no
    // error.
    wish.mount_label = "system_u:object_r:container_file_t:s0";
    BOOST_TEST_REQUIRE(::symlink("/etc/passwd", above.path("shared/link").c_str()) == 0);
    BOOST_TEST_REQUIRE(::mkfifo(above.path("shared/fifo").c_str(), 0600) == 0);
    BOOST_TEST(share() == path);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_share
