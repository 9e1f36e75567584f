#include "base/system/accounts.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>

namespace notifybridge::system {
namespace {

constexpr std::string_view passwd =
    "root:x:0:0:root:/root:/bin/bash\n"
    "# a comment\n"
    "\n"
    "broken:x:one:1::/:\n"
    "cut:x:5\n"
    "redis:x:106:114::/var/lib/redis:/usr/sbin/nologin\n"
    "redis:x:9:9:the second of the name:/:\n"
    "last:x:7:8::/:";

constexpr std::string_view group = "root:x:0:\nadm:x:4:syslog,redis\nbroken:x:\n";

const char* const no_users[] = {"", "no-such-user", "-1", "4294967295", "4294967296", "0 ", "+0"};
const char* const no_owners[] = {"0:",   "0:no-such-group", ":0",   "no-such-user:0",
                                 "0:-1", "0:4294967295",    "0:0:0"};

}  // namespace

BOOST_AUTO_TEST_SUITE(accounts)

BOOST_AUTO_TEST_CASE(a_user_is_found_by_name) {
    const auto account = find_user(passwd, "redis");
    BOOST_REQUIRE(account.has_value());
    BOOST_TEST(account->uid == 106u);
    BOOST_TEST(account->gid == 114u);
    BOOST_TEST(find_user(passwd, "last").value().gid == 8u);
}

BOOST_AUTO_TEST_CASE(a_part_of_a_name_finds_no_user) {
    for (const char* const name : {"red", "redis2", "x", "", "# a comment", "broken", "cut"})
        BOOST_TEST(!find_user(passwd, name).has_value(), name);
    BOOST_TEST(!find_user("", "root").has_value());
}

BOOST_AUTO_TEST_CASE(a_group_is_found_by_name) {
    BOOST_TEST(find_group(group, "adm").value().gid == 4u);
    BOOST_TEST(!find_group(group, "broken").has_value());
    BOOST_TEST(!find_group(group, "redis").has_value());
}

BOOST_AUTO_TEST_CASE(a_user_may_be_a_number) {
    BOOST_TEST(parse_user("0").value().uid == 0u);
    const auto unlisted = parse_user("1234567");
    BOOST_REQUIRE(unlisted.has_value());
    BOOST_TEST(unlisted->uid == 1234567u);
    BOOST_TEST(unlisted->gid == 1234567u);
}

BOOST_AUTO_TEST_CASE(a_user_is_resolved_as_systemd_notify_does) {
    for (const char* const user : {"redis", "106"}) {
        const Resolved resolved = resolve_user(passwd, user).value();
        BOOST_TEST(resolved.uid == 106u, user);
        BOOST_TEST(resolved.gid.value() == 114u, user);
    }
    const Resolved unlisted = resolve_user(passwd, "12345").value();
    BOOST_TEST(unlisted.uid == 12345u);
    BOOST_TEST(!unlisted.gid.has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_user_causes_the_error_of_systemd_notify) {
    for (const char* const user : {"", "no-such-user", "01", "00", "+1", "-1", " 1", "1 ", "0x1"})
        BOOST_TEST(resolve_user(passwd, user).error().value() == EINVAL, user);
    for (const char* const user : {"4294967296", "99999999999999999999"})
        BOOST_TEST(resolve_user(passwd, user).error().value() == ERANGE, user);
    for (const char* const user : {"65535", "4294967295"})
        BOOST_TEST(resolve_user(passwd, user).error().value() == ENXIO, user);
}

BOOST_AUTO_TEST_CASE(the_user_root_is_known_by_name) {
    BOOST_TEST(parse_user("root").value().uid == 0u);
    BOOST_TEST(parse_owner("root:root").value().account.gid == 0u);
}

BOOST_AUTO_TEST_CASE(an_owner_may_name_a_group) {
    const auto owner = parse_owner("1234567:42");
    BOOST_REQUIRE(owner.has_value());
    BOOST_TEST(owner->account.uid == 1234567u);
    BOOST_TEST(owner->account.gid == 42u);
    BOOST_TEST(parse_owner("1234567").value().account.gid == 1234567u);
}

BOOST_DATA_TEST_CASE(an_unknown_user_is_refused, no_users, user) {
    BOOST_TEST(!parse_user(user).has_value());
}

BOOST_DATA_TEST_CASE(an_invalid_owner_is_refused, no_owners, owner) {
    BOOST_TEST(!parse_owner(owner).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::system
