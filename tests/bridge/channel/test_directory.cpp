#include "bridge/channel/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/namespaces.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::channel {
namespace {

using boost::unit_test::precondition;
using system::Owner;

constexpr mode_t like_tmp = 01777;
constexpr mode_t like_run = 0755;

struct Place {
    test::TemporaryDirectory parent;
    std::string path = parent.path("shared");

    void make(mode_t mode) const {
        BOOST_TEST_REQUIRE(::mkdir(path.c_str(), 0755) == 0);
        BOOST_TEST_REQUIRE(::chmod(path.c_str(), mode) == 0);
    }

    /// Sets the mode of the parent directory: all users may write to it (`like_tmp`), or only root
    /// (`like_run`). By default, only the owner can enter the parent, as in $XDG_RUNTIME_DIR.
    void place_in(mode_t mode) const {
        BOOST_TEST_REQUIRE(::chmod(parent.path().c_str(), mode) == 0);
    }

    void give_to(uid_t uid) const { BOOST_TEST_REQUIRE(::chown(path.c_str(), uid, uid) == 0); }

    struct stat status() const {
        struct stat status {};
        BOOST_TEST_REQUIRE(::stat(path.c_str(), &status) == 0);
        return status;
    }
};

/// A guard that makes the test act as another user while this object lives.
struct AsUser {
    AsUser(uid_t uid, gid_t gid) {
        BOOST_TEST_REQUIRE(::setegid(gid) == 0);
        BOOST_TEST_REQUIRE(::seteuid(uid) == 0);
    }
    ~AsUser() {
        BOOST_TEST(::seteuid(0) == 0);
        BOOST_TEST(::setegid(0) == 0);
    }
    AsUser(const AsUser&) = delete;
    AsUser& operator=(const AsUser&) = delete;
};

template <typename Open>
std::string refusal(Open open) {
    try {
        open();
    } catch (const DirectoryError& error) {
        return error.what();
    }
    return "it was not refused";
}

std::string host_refusal(const std::string& path, std::optional<Owner> owner = {}) {
    return refusal([&] { open_for_host(path, owner); });
}

std::string container_refusal(const std::string& path) {
    return refusal([&] { open_for_container(path); });
}

bool says(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(directory_for_the_host, Place)

BOOST_AUTO_TEST_CASE(a_new_directory_ignores_the_umask) {
    const mode_t before = ::umask(0077);
    const auto opened = open_for_host(path, {});
    ::umask(before);
    BOOST_TEST((status().st_mode & 07777) == 0755u);
    BOOST_TEST(status().st_uid == ::geteuid());
}

BOOST_AUTO_TEST_CASE(wait_accepts_a_directory_that_its_user_owns) {
    make(0700);
    const auto opened = open_for_host(path, {});
    BOOST_TEST(static_cast<bool>(opened));
    BOOST_TEST((status().st_mode & 07777) == 0700u);
}

BOOST_AUTO_TEST_CASE(a_directory_with_a_missing_parent_is_not_created) {
    BOOST_TEST(says(host_refusal(path + "/deeper"), "No such file or directory"));
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(a_directory_writable_by_others_is_refused) {
    place_in(like_run);
    make(0777);
    BOOST_TEST(says(host_refusal(path), "chmod"));
    std::filesystem::remove(path);
    make(0775);
    BOOST_TEST(says(host_refusal(path), "chmod"));
    std::filesystem::remove(path);
    make(01777);
    BOOST_TEST(says(host_refusal(path), "choose a directory that only this unit uses"));
}

BOOST_AUTO_TEST_CASE(a_writable_directory_below_a_private_parent_is_accepted) {
    for (const mode_t mode : {0777, 0775, 01777}) {
        make(mode);
        BOOST_TEST(static_cast<bool>(open_for_host(path, {})));
        BOOST_TEST((status().st_mode & 07777) == mode);
        std::filesystem::remove(path);
    }
}

BOOST_AUTO_TEST_CASE(wait_refuses_a_file_as_its_directory_with_advice) {
    parent.write("shared", "");
    BOOST_TEST(says(host_refusal(path), "Not a directory; give a directory with --shared-dir"));
    BOOST_TEST(!says(host_refusal(path), "remove it"));
}

BOOST_AUTO_TEST_CASE(a_dangling_link_is_refused_with_advice) {
    std::filesystem::create_symlink("nothing", path);
    BOOST_TEST(says(host_refusal(path), "No such file or directory"));
    BOOST_TEST(says(host_refusal(path), "remove it"));
}

BOOST_AUTO_TEST_CASE(a_cycle_of_links_is_refused_with_advice) {
    std::filesystem::create_symlink(path, path);
    BOOST_TEST(says(host_refusal(path), "--shared-dir"));
}

BOOST_AUTO_TEST_CASE(an_empty_directory_name_is_refused_with_advice) {
    BOOST_TEST(says(host_refusal(""), "SHARED_DIR"));
    BOOST_TEST(says(container_refusal(""), "SHARED_DIR"));
}

BOOST_AUTO_TEST_CASE(wait_follows_a_link_that_its_user_owns) {
    make(0755);
    BOOST_TEST_REQUIRE(::symlink(path.c_str(), parent.path("link").c_str()) == 0);
    BOOST_TEST(static_cast<bool>(open_for_host(parent.path("link"), {})));
}

BOOST_AUTO_TEST_CASE(another_users_directory_is_refused, *precondition(test::is_root)) {
    place_in(like_tmp);
    make(0755);
    give_to(test::nobody);
    BOOST_TEST(says(host_refusal(path), "65534"));
    BOOST_TEST(says(host_refusal(path), "--owner"));
}

BOOST_AUTO_TEST_CASE(another_users_directory_is_accepted_if_root_owns_its_parent,
                     *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    give_to(test::nobody);
    BOOST_TEST(static_cast<bool>(open_for_host(path, {})));
    BOOST_TEST(status().st_uid == test::nobody);
}

BOOST_AUTO_TEST_CASE(a_directory_in_another_users_private_parent_is_refused,
                     *precondition(test::is_root)) {
    make(0777);
    BOOST_TEST_REQUIRE(::chown(parent.path().c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST(says(host_refusal(path), "other users may write to it"));
    BOOST_TEST_REQUIRE(::chmod(path.c_str(), 0755) == 0);
    give_to(test::nobody);
    BOOST_TEST(says(host_refusal(path), "65534 owns it"));
}

BOOST_AUTO_TEST_CASE(the_named_owner_gets_the_directory, *precondition(test::is_root)) {
    const Owner owner{{test::nobody, test::nobody}, true};
    BOOST_TEST(static_cast<bool>(open_for_host(path, owner)));
    BOOST_TEST(status().st_uid == test::nobody);
    BOOST_TEST(status().st_gid == test::nobody);
    BOOST_TEST(static_cast<bool>(open_for_host(path, owner)));
}

BOOST_AUTO_TEST_CASE(a_named_group_gets_the_directory, *precondition(test::is_root)) {
    make(0755);
    give_to(test::nobody);
    const gid_t before = status().st_gid;
    BOOST_TEST(static_cast<bool>(open_for_host(path, Owner{{test::nobody, 1234}, false})));
    BOOST_TEST(status().st_gid == before);
    BOOST_TEST(static_cast<bool>(open_for_host(path, Owner{{test::nobody, 1234}, true})));
    BOOST_TEST(status().st_uid == test::nobody);
    BOOST_TEST(status().st_gid == 1234u);
}

BOOST_AUTO_TEST_CASE(a_third_users_directory_is_not_given_away, *precondition(test::is_root)) {
    place_in(like_tmp);
    make(0755);
    give_to(1234);
    const Owner owner{{test::nobody, test::nobody}, true};
    BOOST_TEST(says(host_refusal(path, owner), "1234"));
    BOOST_TEST(status().st_uid == 1234u);
    place_in(like_run);
    BOOST_TEST(static_cast<bool>(open_for_host(path, owner)));
    BOOST_TEST(status().st_uid == test::nobody);
}

BOOST_AUTO_TEST_CASE(advice_without_root_names_a_user_namespace, *precondition(test::is_root)) {
    place_in(like_tmp);
    const AsUser user(test::nobody, test::nobody);
    BOOST_TEST(
        says(host_refusal(path, Owner{{999, 998}, true}), "--userns=keep-id:uid=999,gid=998"));
}

BOOST_AUTO_TEST_CASE(roots_directory_is_refused_for_another_user, *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    const AsUser user(test::nobody, test::nobody);
    BOOST_TEST(
        says(host_refusal(path), "uid 0 owns it, and this process has uid 65534; remove it"));
}

BOOST_AUTO_TEST_CASE(a_link_of_another_user_is_refused, *precondition(test::is_root)) {
    make(0755);
    const std::string link = parent.path("link");
    BOOST_TEST_REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
    BOOST_TEST_REQUIRE(::lchown(link.c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST(says(host_refusal(link), "symbolic link"));
    BOOST_TEST(says(host_refusal(link + "/"), "symbolic link"));
    BOOST_TEST(says(host_refusal(link + "//"), "symbolic link"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(directory_for_its_user, Place)

const system::Account other{4321, 1234};

std::string opening_refusal(const std::string& path, std::optional<system::Account> user,
                            uid_t holder = ::geteuid()) {
    const auto directory = system::open_directory(path);
    BOOST_TEST_REQUIRE(directory.has_value());
    return refusal([&] { open_to(*directory, path, holder, user); });
}

constexpr uid_t anna = 1000;

/// If we are root, gives both directories to Anna, and acts as Anna until the result is destroyed.
std::optional<AsUser> become_anna(const Place& place) {
    if (::geteuid() != 0)
        return std::nullopt;
    BOOST_TEST_REQUIRE(::chown(place.parent.path().c_str(), anna, anna) == 0);
    place.give_to(anna);
    return std::optional<AsUser>(std::in_place, anna, anna);
}

/// Opens the directory for `user`. Checks its mode and owner afterwards.
void expect_opened(const Place& place, std::optional<system::Account> user, mode_t mode,
                   uid_t owner) {
    BOOST_TEST(opening_refusal(place.path, user) == "it was not refused");
    BOOST_TEST((place.status().st_mode & 07777) == mode);
    BOOST_TEST(place.status().st_uid == owner);
}

BOOST_AUTO_TEST_CASE(a_directory_that_its_user_owns_stays_unchanged) {
    const system::Account us{::geteuid(), ::getegid()};
    for (const mode_t above : {mode_t{0700}, like_run, like_tmp}) {
        place_in(above);
        make(0755);
        expect_opened(*this, us, 0755, ::geteuid());
        std::filesystem::remove(path);
    }
}

BOOST_AUTO_TEST_CASE(a_directory_below_a_private_parent_is_opened_to_all_users) {
    make(0755);
    const auto user = become_anna(*this);
    const uid_t us = ::geteuid();
    expect_opened(*this, other, 01777, us);
    expect_opened(*this, other, 01777, us);
    std::filesystem::remove(path);
    make(0755);
    expect_opened(*this, std::nullopt, 01777, us);
}

BOOST_AUTO_TEST_CASE(wait_accepts_a_directory_that_was_opened_to_all) {
    make(0755);
    const auto user = become_anna(*this);
    expect_opened(*this, other, 01777, ::geteuid());
    BOOST_TEST(static_cast<bool>(open_for_host(path, {})));
}

BOOST_AUTO_TEST_CASE(wait_accepts_a_directory_that_wait_gave_to_another_user,
                     *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    expect_opened(*this, other, 0755, 4321);
    BOOST_TEST(status().st_gid == 1234u);
    expect_opened(*this, other, 0755, 4321);
    BOOST_TEST(static_cast<bool>(open_for_host(path, {})));
    // The image of the next start has another user.
    expect_opened(*this, system::Account{999, 999}, 0755, 999);
}

BOOST_AUTO_TEST_CASE(a_directory_is_given_to_root_as_the_containers_user,
                     *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    give_to(4321);
    expect_opened(*this, system::Account{0, 0}, 0755, 0);
}

/// Returns the owner of the file `name` in the directory.
uid_t owner_of(const Place& place, const char* name) {
    struct stat status {};
    BOOST_TEST(::lstat((place.path + '/' + name).c_str(), &status) == 0);
    return status.st_uid;
}

/// Creates the files that a run leaves behind, and the files of the host.
void leave_files(const Place& place) {
    for (const char* const name :
         {journal_name, old_journal_name, status_name, socket_name, host_name, token_name})
        place.parent.write(std::string("shared/") + name, "");
}

BOOST_AUTO_TEST_CASE(the_files_of_an_ended_run_are_given_to_the_user,
                     *precondition(test::is_root)) {
    for (const mode_t above : {mode_t{0700}, like_run}) {
        place_in(above);
        make(0755);
        leave_files(*this);
        for (const system::Account user : {other, system::Account{999, 999}, system::Account{}}) {
            BOOST_TEST(opening_refusal(path, user) == "it was not refused");
            for (const char* const name :
                 {journal_name, old_journal_name, status_name, socket_name})
                BOOST_TEST(owner_of(*this, name) == user.uid);
            for (const char* const name : {host_name, token_name})
                BOOST_TEST(owner_of(*this, name) == 0u);
        }
        std::filesystem::remove_all(path);
    }
}

BOOST_AUTO_TEST_CASE(the_files_of_a_live_run_keep_their_owner, *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    leave_files(*this);
    const system::UniqueFd journal(::open((path + '/' + journal_name).c_str(), O_RDWR | O_CLOEXEC));
    BOOST_TEST((system::take_life_lock(journal) == system::LockState::free));
    BOOST_TEST(opening_refusal(path, other) == "it was not refused");
    for (const char* const name : {journal_name, status_name, socket_name})
        BOOST_TEST(owner_of(*this, name) == 0u);
}

BOOST_AUTO_TEST_CASE(leftover_links_are_not_followed, *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    leave_files(*this);
    parent.write("victim", "");
    const std::string link = path + '/' + status_name;
    BOOST_TEST(::unlink(link.c_str()) == 0);
    BOOST_TEST(::symlink("../victim", link.c_str()) == 0);
    BOOST_TEST(opening_refusal(path, other) == "it was not refused");
    BOOST_TEST(owner_of(*this, "../victim") == 0u);
}

BOOST_AUTO_TEST_CASE(a_parent_directory_writable_by_others_is_refused,
                     *precondition(test::is_root)) {
    place_in(like_tmp);
    make(0755);
    BOOST_TEST(says(opening_refusal(path, other), "uid 4321"));
    BOOST_TEST(says(opening_refusal(path, other), "RuntimeDirectory="));
    BOOST_TEST(status().st_uid == 0u);
    expect_opened(*this, system::Account{0, 0}, 0755, 0);
}

BOOST_AUTO_TEST_CASE(an_unknown_user_is_refused) {
    for (const mode_t above : {like_run, like_tmp}) {
        place_in(above);
        make(0755);
        BOOST_TEST(says(opening_refusal(path, std::nullopt), "joins an existing user namespace"));
        BOOST_TEST((status().st_mode & 07777) == 0755u);
        std::filesystem::remove(path);
    }
}

BOOST_AUTO_TEST_CASE(only_root_gives_a_directory_away) {
    place_in(like_run);
    make(0755);
    const auto user = become_anna(*this);
    BOOST_TEST(says(opening_refusal(path, other), "uid 4321"));
    BOOST_TEST(says(opening_refusal(path, other), "$XDG_RUNTIME_DIR"));
}

BOOST_AUTO_TEST_CASE(root_does_not_take_over_another_holders_directory,
                     *precondition(test::is_root)) {
    // docker starts a container for Anna's unit: root opens the directory that Anna's `wait` holds.
    // The parent directory belongs to root at first, and to Anna later.
    make(0755);
    give_to(anna);
    place_in(like_run);
    BOOST_TEST(says(opening_refusal(path, other, anna), "uid 4321"));
    BOOST_TEST(opening_refusal(path, system::Account{0, 0}, anna) == "it was not refused");
    BOOST_TEST(status().st_uid == anna);
    place_in(0700);
    BOOST_TEST_REQUIRE(::chown(parent.path().c_str(), anna, anna) == 0);
    BOOST_TEST(opening_refusal(path, other, anna) == "it was not refused");
    BOOST_TEST(status().st_uid == anna);
    BOOST_TEST((status().st_mode & 07777) == 01777u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(directory_for_the_container, Place)

BOOST_AUTO_TEST_CASE(wrap_does_not_warn_about_a_directory_of_its_user) {
    make(0755);
    const auto opened = open_for_container(path);
    BOOST_TEST(static_cast<bool>(opened.fd));
    BOOST_TEST(opened.warning == "");
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_not_created) {
    BOOST_TEST(says(container_refusal(path), "mount"));
    BOOST_TEST(!std::filesystem::exists(path));
}

BOOST_AUTO_TEST_CASE(wrap_refuses_a_file_as_its_directory_with_advice) {
    parent.write("shared", "");
    BOOST_TEST(says(container_refusal(path), "Not a directory"));
    BOOST_TEST(says(container_refusal(path), "mount"));
}

BOOST_AUTO_TEST_CASE(a_socket_path_above_107_bytes_is_refused) {
    constexpr std::size_t longest = 107 - std::string_view("/notify.sock").size();
    path = parent.path(std::string(longest - parent.path().size() - 1, 'd'));
    make(0755);
    BOOST_TEST(static_cast<bool>(open_for_container(path).fd));
    BOOST_TEST(says(container_refusal(path + "d"), "107"));
}

BOOST_AUTO_TEST_CASE(a_world_writable_directory_gives_a_warning) {
    make(0777);
    const auto opened = open_for_container(path);
    BOOST_TEST(static_cast<bool>(opened.fd));
    BOOST_TEST(says(opened.warning, "every user"));
}

BOOST_AUTO_TEST_CASE(another_users_directory_gives_a_warning, *precondition(test::is_root)) {
    make(0755);
    give_to(test::nobody);
    const auto opened = open_for_container(path);
    BOOST_TEST(static_cast<bool>(opened.fd));
    BOOST_TEST(says(opened.warning, "65534"));
}

BOOST_AUTO_TEST_CASE(a_sticky_directory_gives_no_warning, *precondition(test::is_root)) {
    make(01777);
    give_to(test::nobody);
    BOOST_TEST(open_for_container(path).warning == "");
}

BOOST_AUTO_TEST_CASE(refusing_another_users_directory_gives_advice, *precondition(test::is_root)) {
    place_in(like_run);
    make(0755);
    const bool is_hosts = system::user_namespace() == system::initial_user_namespace;
    const AsUser user(1234, 1235);
    BOOST_TEST(says(container_refusal(path), "uid 0 owns it, and this process has uid 1234"));
    BOOST_TEST(says(container_refusal(path), is_hosts ? "`host-notify-waiter --owner=1234:1235`"
                                                      : "--userns=keep-id:uid=1234,gid=1235`"));
}

BOOST_AUTO_TEST_CASE(wrap_gives_advice_for_an_unwritable_directory, *precondition(test::is_root)) {
    place_in(like_run);
    make(0555);
    give_to(1234);
    const AsUser user(1234, 1235);
    BOOST_TEST(says(container_refusal(path), "check its owner and mode"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
