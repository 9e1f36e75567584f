#include "bridge/status/named_unit.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/symptoms.hpp"
#include "bridge/diagnosis/unit_search.hpp"
#include "bridge/diagnosis/unit_text.hpp"
#include "support/words.hpp"

namespace notifybridge::status {
namespace {

using diagnosis::UnitFacts;
using util::concat;

UnitFacts unit_with(std::string command, std::string active_state = "active",
                    std::string sub_state = "running") {
    UnitFacts facts;
    facts.name = "redis.service";
    facts.exec_start = {test::words_of(command)};
    facts.active_state = std::move(active_state);
    facts.sub_state = std::move(sub_state);
    facts.result = "success";
    return facts;
}

UnitFacts quadlet_unit() {
    UnitFacts of_quadlet = unit_with("/usr/bin/podman run redis");
    of_quadlet.source_path = "/etc/containers/systemd/redis.container";
    return of_quadlet;
}

Bridge bridge_at(std::string path, std::string service, std::optional<uid_t> manager = {}) {
    Bridge bridge;
    bridge.path = std::move(path);
    bridge.owner.unit = std::move(service);
    bridge.owner.manager = manager;
    return bridge;
}

std::vector<std::string> paths_of(std::vector<Bridge> bridges, uid_t viewer) {
    std::vector<std::string> paths;
    for (const Bridge& each : bridges_of_service(std::move(bridges), "a.service", viewer))
        paths.push_back(each.path);
    return paths;
}

using Strings = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(named_unit)

BOOST_AUTO_TEST_CASE(a_service_may_be_named_with_or_without_its_suffix) {
    BOOST_TEST(service_name("redis") == "redis.service");
    BOOST_TEST(service_name("redis.service") == "redis.service");
    BOOST_TEST(service_name("redis.container") == "redis.service");
    BOOST_TEST(service_name("app.pod") == "app-pod.service");
    BOOST_TEST(service_name("app@1") == "app@1.service");
    for (const std::string& name :
         Strings{"", ".", "..", "/run/app", "a/b", "a b", "*", std::string(300, 'a')})
        BOOST_TEST(service_name(name) == "", name);
}

BOOST_AUTO_TEST_CASE(bridges_of_the_preferred_manager_are_returned) {
    const auto all = [] {
        std::vector<Bridge> bridges;
        bridges.push_back(bridge_at("/system", "a.service"));
        bridges.push_back(bridge_at("/other", "b.service"));
        bridges.push_back(bridge_at("/of-7", "a.service", uid_t{7}));
        bridges.push_back(bridge_at("/of-8", "a.service", uid_t{8}));
        return bridges;
    };
    BOOST_TEST(paths_of(all(), 0) == Strings{"/system"}, boost::test_tools::per_element());
    BOOST_TEST(paths_of(all(), 7) == Strings{"/of-7"}, boost::test_tools::per_element());
    BOOST_TEST(paths_of(all(), 9) == Strings{"/system"}, boost::test_tools::per_element());
    auto of_users = all();
    of_users.erase(of_users.begin());
    BOOST_TEST(paths_of(std::move(of_users), 0) == (Strings{"/of-7", "/of-8"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(root_prefers_system_units_and_users_prefer_their_own) {
    BOOST_TEST(diagnosis::rank_of(std::nullopt, 0) < diagnosis::rank_of(0, 0));
    BOOST_TEST(diagnosis::rank_of(0, 0) < diagnosis::rank_of(7, 0));
    BOOST_TEST(diagnosis::rank_of(7, 7) < diagnosis::rank_of(std::nullopt, 7));
    BOOST_TEST(diagnosis::rank_of(std::nullopt, 7) < diagnosis::rank_of(8, 7));
}

/// The answers of the system's manager and of user 7's manager about a.service.
struct Reports {
    std::string system;
    std::string of_user;

    diagnosis::UnitSearch search(const std::vector<diagnosis::Manager>& managers) const {
        return diagnosis::search_managers(
            "a.service", managers, [&](diagnosis::Manager manager, const std::string&) {
                auto units = diagnosis::read_units(manager ? of_user : system);
                for (UnitFacts& unit : units)
                    unit.user = manager;
                return units;
            });
    }
};

const std::vector<diagnosis::Manager> of_root = {std::nullopt, uid_t{7}};
const std::vector<diagnosis::Manager> of_anna = {uid_t{7}, std::nullopt};

BOOST_AUTO_TEST_CASE(a_failed_unit_of_the_preferred_manager_is_still_chosen) {
    for (const std::string state : {"failed", "inactive", "active"}) {
        const Reports both = {concat("LoadState=loaded\nActiveState=", state, '\n'),
                              "LoadState=loaded\nActiveState=active\n"};
        BOOST_TEST((both.search(of_root).unit->user == std::nullopt));
        const Reports swapped = {both.of_user, both.system};
        BOOST_TEST((swapped.search(of_anna).unit->user == 7u));
        BOOST_TEST(swapped.search(of_anna).unit->active_state == state);
    }
}

BOOST_AUTO_TEST_CASE(a_missing_or_masked_unit_does_not_hide_another_managers_unit) {
    const std::string loaded = "LoadState=loaded\n";
    for (const std::string hidden : {"LoadState=not-found\n", "LoadState=masked\n", ""}) {
        BOOST_TEST((Reports{hidden, loaded}.search(of_root).unit->user == 7u));
        BOOST_TEST((Reports{loaded, hidden}.search(of_anna).unit->user == std::nullopt));
    }
    BOOST_TEST(Reports({"LoadState=masked\n", ""}).search(of_root).unit.has_value());
    const auto none = Reports({"LoadState=not-found\n", ""}).search(of_root);
    BOOST_TEST(!none.unit.has_value());
    BOOST_TEST(none.why_not == "no unit is named a.service");
    BOOST_TEST(Reports().search(of_anna).why_not
               == "the service manager does not answer this user");
    // systemd has no properties of a template.
    const auto of_template = diagnosis::search_managers(
        "a@.service", of_root,
        [](diagnosis::Manager, const std::string&) { return std::vector<UnitFacts>(); });
    BOOST_TEST(of_template.why_not == "a@.service is a template; name one of its instances");
}

BOOST_AUTO_TEST_CASE(the_command_or_settings_of_a_unit_give_its_directory) {
    UnitFacts by_run = unit_with("/usr/bin/notifybridge run podman run redis");
    BOOST_TEST(places_of_unit(by_run, "") == Strings{"/run/notifybridge/redis.service/shared"},
               boost::test_tools::per_element());
    by_run.user = ::geteuid();
    BOOST_TEST(places_of_unit(by_run, "/xdg") == Strings{"/xdg/notifybridge/redis.service/shared"},
               boost::test_tools::per_element());
    by_run.user = ::geteuid() + 1;
    by_run.exec_start = {{"/usr/bin/notifybridge", "wait", "--shared-dir=/run/a", "podman"}};
    by_run.environment = {"A=b", "SHARED_DIR=/run/b"};
    BOOST_TEST(
        places_of_unit(by_run, "/xdg")
            == (Strings{concat("/run/user/", ::geteuid() + 1, "/notifybridge/redis.service/shared"),
                        "/run/a", "/run/b"}),
        boost::test_tools::per_element());
    const UnitFacts of_app =
        unit_with("/usr/bin/notifybridge run podman run x --shared-dir=/run/c");
    BOOST_TEST(places_of_unit(of_app, "") == Strings{"/run/notifybridge/redis.service/shared"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_message_route_of_a_unit_is_recognized) {
    const auto way = [](std::string command) {
        return route_of_unit(unit_with(std::move(command)));
    };
    BOOST_CHECK(way("/usr/bin/notifybridge run podman run x") == MessageRoute::by_directory);
    BOOST_CHECK(way("/usr/bin/host-notify-waiter podman run x") == MessageRoute::by_directory);
    BOOST_CHECK(way("/bin/sh -c exec notifybridge wait podman") == MessageRoute::by_directory);
    BOOST_CHECK(way("/usr/bin/notifybridge wrap app") == MessageRoute::straight);
    BOOST_CHECK(way("/usr/bin/container-notify-wrapper app") == MessageRoute::straight);
    BOOST_CHECK(way("/usr/sbin/sshd -D") == MessageRoute::unknown);
    BOOST_CHECK(route_of_unit(quadlet_unit()) == MessageRoute::quadlet);
}

BOOST_AUTO_TEST_CASE(the_absence_of_a_units_directory_is_explained) {
    const auto why = [](const UnitFacts& unit, std::string_view words) {
        const std::string text = why_no_directory(unit);
        BOOST_TEST_MESSAGE(text);
        return text.find(words) != std::string::npos;
    };
    BOOST_TEST(why(quadlet_unit(), "podman itself forwards the messages of a Quadlet unit"));
    BOOST_TEST(why(unit_with("/usr/bin/notifybridge wrap app"), "directly to systemd"));
    BOOST_TEST(why(unit_with("/usr/sbin/sshd"), "does not start notifybridge"));
    BOOST_TEST(why(unit_with("/usr/bin/notifybridge run podman", "failed", "failed"),
                   "the unit is not running"));
}

BOOST_AUTO_TEST_CASE(the_state_in_systemd_is_shown_without_a_directory) {
    UnitFacts failed = quadlet_unit();
    failed.active_state = failed.sub_state = "failed";
    failed.result = "timeout";
    failed.status_text = "waiting\x1b";
    const std::string text = to_table(failed, false);
    BOOST_TEST(text.starts_with("○ redis.service - no shared directory\n"
                                "       State: failed (failed), timeout\n"
                                "      Status: \"waiting\\x1b\"\n"
                                "      Source: /etc/containers/systemd/redis.container\n"),
               text);
    BOOST_TEST(text.ends_with("`notifybridge status --check redis.service` finds the cause\n"),
               text);
    BOOST_TEST(to_json(failed).starts_with(
        R"({"version":1,"shared_dir":null,"unit":"redis.service","manager_uid":null,"alive":false,)"));
}

BOOST_AUTO_TEST_CASE(the_state_in_systemd_decides_about_alive_and_ready) {
    const auto answers = [](std::string active, std::string sub, bool alive, bool ready) {
        const UnitFacts facts = unit_with("x", std::move(active), std::move(sub));
        return is_alive(facts) == alive && is_ready(facts) == ready;
    };
    BOOST_TEST(answers("active", "running", true, true));
    BOOST_TEST(answers("reloading", "reload-notify", true, true));
    BOOST_TEST(answers("activating", "start", true, false));
    BOOST_TEST(answers("activating", "auto-restart", false, false));
    BOOST_TEST(answers("deactivating", "stop-sigterm", true, false));
    BOOST_TEST(answers("failed", "failed", false, false));
    BOOST_TEST(answers("inactive", "dead", false, false));
}

BOOST_AUTO_TEST_CASE(a_machine_is_shown_without_a_directory) {
    const auto units = diagnosis::read_units(
        "Id=vm.service\nType=notify\nNotifyAccess=main\nRestart=no\nActiveState=active\n"
        "SubState=running\nMainPID=7\nExecStart={ path=/x ; "
        "argv[]=/usr/bin/notifybridge wait --listen=vsock:9999 qemu ; ignore_errors=no }\n");
    BOOST_TEST_REQUIRE(units.size() == 1u);
    const UnitFacts& unit = units.front();
    BOOST_CHECK(route_of_unit(unit) == MessageRoute::machine);
    BOOST_TEST(to_table(unit, false)
               == "● vm.service - virtual machine\n"
                  "       State: active (running)\n"
                  "    Main PID: 7\n"
                  "     Listens: vsock:9999 (--listen)\n");
    diagnosis::Findings found;
    check_named_unit(found, unit);
    BOOST_TEST_REQUIRE(found.all().size() == 2u);
    for (const diagnosis::Finding& each : found.all())
        BOOST_TEST((each.verdict == diagnosis::Finding::Verdict::good), each.text);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::status
