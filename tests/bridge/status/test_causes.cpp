#include <sys/sysmacros.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/diagnosis/unit_text.hpp"
#include "bridge/status/denial.hpp"
#include "bridge/status/mounts.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

MountingContainer container(std::string path, bool is_read_only = false,
                            std::string shared_dir = "/shared") {
    return {41, "app", {std::move(path), is_read_only}, std::move(shared_dir)};
}

std::string found_of(std::vector<MountingContainer> containers) {
    diagnosis::Findings findings;
    judge_containers(findings, containers);
    BOOST_TEST_REQUIRE(findings.all().size() == 1u);
    return findings.all().front().text + "; " + findings.all().front().advice;
}

bool has(std::string_view text, std::string_view part) {
    BOOST_TEST_MESSAGE(text);
    return text.find(part) != text.npos;
}

BOOST_AUTO_TEST_SUITE(mounts)

BOOST_AUTO_TEST_CASE(all_mounts_of_a_file_system_are_found) {
    constexpr std::string_view text =
        "22 1 0:20 / /proc rw,nosuid - proc proc rw\n"
        "30 22 0:26 /app /a\\040b rw,relatime shared:3 master:1 - tmpfs tmpfs rw,size=1k\n"
        "31 22 0:26 /app /ro ro,relatime - tmpfs tmpfs rw,size=1k\n"
        "32 22 0:26 /app /super rw,relatime - tmpfs tmpfs ro,size=1k\n"
        "rubbish\n";
    const std::vector<Mount> expected = {{"/a b", false}, {"/ro", true}, {"/super", true}};
    BOOST_TEST((mounts_of(text, makedev(0, 26)) == expected));
    BOOST_TEST(mounts_of("", makedev(0, 26)).empty());
}

BOOST_AUTO_TEST_CASE(the_mounts_explain_a_missing_run) {
    BOOST_TEST(has(found_of({}), "no container that this user can see"));
    BOOST_TEST(
        has(found_of({container("/shared", true)}), "/shared, read-only; mount it writable"));
    BOOST_TEST(has(found_of({container("/data")}), "but SHARED_DIR is \"/shared\""));
    BOOST_TEST(has(found_of({container("/data")}), "`-e SHARED_DIR=/data`"));
    BOOST_TEST(has(found_of({container("/data", false, "/data")}), "does not start wrap"));
    BOOST_TEST(has(found_of({container("/shared", false, "")}), "does not start wrap"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(denial)

BOOST_AUTO_TEST_CASE(the_last_selinux_denial_about_us_counts) {
    constexpr std::string_view text =
        "type=AVC msg=audit(1000.5:1): avc:  denied  { write } for  pid=1 comm=\"notifybridge\"\n"
        "type=AVC msg=audit(2000.5:2): avc:  denied  { write } for  pid=2 comm=\"container-notif\" "
        "name=\"app\" scontext=a:container_t:s0\n"
        "type=AVC msg=audit(3000.5:3): avc:  denied  { read } for  pid=3 comm=\"other\"\n"
        "type=SYSCALL msg=audit(4000.5:4): comm=\"notifybridge\"\n";
    const auto denial = find_denial(text, "app");
    BOOST_TEST_REQUIRE(denial.has_value());
    BOOST_TEST(denial->usec == 2'000'000'000u);
    BOOST_TEST(denial->text.starts_with("denied  { write } for  pid=2"));
}

BOOST_AUTO_TEST_CASE(the_socket_and_the_directory_identify_an_selinux_denial) {
    constexpr std::string_view socket =
        "type=AVC msg=audit(1.5:1): avc:  denied  { sendto } for comm=\"app\" "
        "path=\"/shared/notify.sock\"";
    BOOST_TEST(find_denial(socket, "").has_value());
    constexpr std::string_view apparmor =
        "type=AVC msg=audit(1.5:1): apparmor=\"DENIED\" operation=\"mknod\" name=\"/run/app\"";
    BOOST_TEST(find_denial(apparmor, "app").has_value());
    BOOST_TEST(!find_denial(apparmor, "other").has_value());
    BOOST_TEST(!find_denial("", "app").has_value());
}

BOOST_AUTO_TEST_CASE(each_name_of_our_executable_identifies_an_selinux_denial) {
    for (const std::string_view part :
         {"comm=\"crun\" path=\"/run/.notifybridge\"", "comm=\".notifybridge\" name=\"host\"",
          "comm=\"runc\" path=\"/opt/container-notify-wrapper\"", "comm=\"host-notify-wai\""}) {
        const std::string line =
            concat("type=AVC msg=audit(1.5:1): avc:  denied  { read } for  pid=1 ", part);
        BOOST_TEST(find_denial(line, "app").has_value());
    }
}

BOOST_AUTO_TEST_CASE(an_selinux_denial_of_podmans_own_socket_is_not_about_us) {
    BOOST_TEST(!find_denial("type=AVC msg=audit(1.5:1): avc:  denied  { sendto } for  pid=9 "
                            "comm=\"app\" path=\"/var/lib/containers/storage/overlay-containers/"
                            "88bf/userdata/notify/notify.sock\"",
                            "app")
                    .has_value());
}

BOOST_AUTO_TEST_CASE(the_remedy_depends_on_the_selinux_denial) {
    const auto remedy = [](std::string_view text) {
        return remedy_of({0, std::string(text)}, "/run/app");
    };
    constexpr std::string_view container = "scontext=system_u:system_r:container_t:s0:c1,c2 ";
    BOOST_TEST(has(remedy(concat("denied  { read } for  name=\"app\" ", container,
                                 "tcontext=system_u:object_r:initrc_runtime_t:s0 tclass=dir")),
                   "with :Z, or `chcon -R -t container_file_t /run/app`"));
    BOOST_TEST(has(remedy(concat("denied  { read } for  path=\"/shared/host\" ", container,
                                 "tcontext=system_u:object_r:container_file_t:s0:c98,c674")),
                   "with :z in each container"));
    BOOST_TEST(has(remedy(concat("denied  { entrypoint } for  path=\"/run/.notifybridge\" ",
                                 container, "tcontext=system_u:object_r:bin_t:s0 tclass=file")),
                   "mount a copy of it with :z"));
    BOOST_TEST(has(remedy(concat("denied  { write } for  path=\"pipe:[16321]\" ", container,
                                 "tcontext=system_u:system_r:initrc_t:s0 tclass=fifo_file")),
                   "the output of the container does not reach the log"));
    BOOST_TEST(has(remedy(concat("denied  { read write } for  path=\"socket:[5615]\" ", container,
                                 "tcontext=user_u:user_r:user_t:s0 tclass=tcp_socket")),
                   "start the container with --security-opt=label=disable"));
    BOOST_TEST(has(remedy(concat("denied  { sendto } for  path=\"/run/x.sock\" ", container,
                                 "tcontext=user_u:user_r:user_t:s0 tclass=unix_dgram_socket")),
                   "no label of the volume can fix this"));
    BOOST_TEST(has(remedy_of({0, "denied  { read } tclass=dir"}, ""), "with :Z"));
    BOOST_TEST(has(remedy("apparmor=\"DENIED\" operation=\"mknod\""), "AppArmor profile"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(unit)

BOOST_AUTO_TEST_CASE(the_units_in_an_answer_of_systemctl_are_read) {
    const auto units = diagnosis::read_units(
        "Type=notify\nRestart=no\nMainPID=7\nId=a.service\n\n"
        "Type=simple\nResult=exit-code\nEnvironment=A=1 PATH=/x\nId=b.service\n");
    BOOST_TEST_REQUIRE(units.size() == 2u);
    BOOST_TEST(units[0].name == "a.service");
    BOOST_TEST(units[0].restart == "no");
    BOOST_TEST(units[0].main_pid == 7);
    BOOST_TEST(units[1].type == "simple");
    BOOST_TEST(units[1].result == "exit-code");
    BOOST_TEST(variable_in_unit(units[1], "PATH") == "/x");
    BOOST_TEST(variable_in_unit(units[1], "B").empty());
    BOOST_TEST(diagnosis::read_units("").empty());
}

BOOST_AUTO_TEST_CASE(a_unit_names_its_directory_in_one_of_three_ways) {
    diagnosis::UnitFacts unit;
    unit.name = "app.service";
    BOOST_TEST(!names_directory(unit, "/run/app"));
    unit.environment = {"A=1", "SHARED_DIR=/run/app", "B=2"};
    BOOST_TEST(names_directory(unit, "/run/app"));
    BOOST_TEST(names_directory(unit, "/run/app/"));
    BOOST_TEST(!names_directory(unit, "/run/ap"));
    unit.environment = {"SHARED_DIR=/run/app2"};
    BOOST_TEST(!names_directory(unit, "/run/app"));
    unit.exec_start = {{"/w", "--shared-dir=/run/app", "podman"}};
    BOOST_TEST(names_directory(unit, "/run/app"));
    unit.exec_start = {{"/n", "run", "podman", "run", "x"}};
    BOOST_TEST(!names_directory(unit, "/run/app"));
    BOOST_TEST(names_directory(unit, "/run/notifybridge/app.service/shared"));
    BOOST_TEST(names_directory(unit, "/run/user/7/notifybridge/app.service"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::status
