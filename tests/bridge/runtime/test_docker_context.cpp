#include "bridge/runtime/docker_context.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime::test_docker_context {
namespace {

using util::concat;

constexpr std::string_view remote = "ssh://root@remote";

/// docker's files of a user, with the contexts "far" and "near".
struct DockerFiles {
    test::TemporaryDirectory directory;

    DockerFiles() {
        add("1f", context("far", remote));
        add("2e", context("near", "unix:///run/near.sock"));
    }

    static std::string context(std::string_view name, std::string_view host) {
        return concat(R"({"Name": ")", name, R"(", "Endpoints": {"docker": {"Host": ")", host,
                      R"("}}})");
    }

    void add(const std::string& checksum, std::string_view content) const {
        const std::string place = concat("contexts/meta/", checksum);
        std::filesystem::create_directories(directory.path(place));
        directory.write(concat(place, "/meta.json"), content);
    }

    void set_current(std::string_view name) const {
        directory.write("config.json", concat(R"({"currentContext": ")", name, R"("})"));
    }

    std::string address(std::string_view name = {}) const {
        return address_of_context(directory.path(), name);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(docker_context, DockerFiles)

BOOST_AUTO_TEST_CASE(a_named_docker_context_has_its_own_address) {
    BOOST_TEST(address("far") == remote);
    BOOST_TEST(address("near") == "unix:///run/near.sock");
}

BOOST_AUTO_TEST_CASE(the_current_docker_context_applies_if_none_is_named) {
    set_current("far");
    BOOST_TEST(address() == remote);
    BOOST_TEST(address("near") == "unix:///run/near.sock");
}

BOOST_AUTO_TEST_CASE(the_default_docker_context_has_no_address) {
    add("3d", context("default", remote));
    BOOST_TEST(address().empty());
    BOOST_TEST(address("default").empty());
    set_current("default");
    BOOST_TEST(address().empty());
    set_current("far");
    BOOST_TEST(address("default").empty());
}

BOOST_AUTO_TEST_CASE(a_docker_context_without_a_file_has_no_address) {
    BOOST_TEST(address("f").empty());
    BOOST_TEST(address("1f").empty());
    set_current("gone");
    BOOST_TEST(address().empty());
    BOOST_TEST(address_of_context(directory.path("none"), "far").empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_docker_context_hides_no_other_context) {
    for (const char* const content : {"", "{", "[]", "null", R"({"Name": 1})"})
        add("00", content);
    add("0f", R"({"Name": "odd", "Endpoints": {"docker": {"Host": 1}}})");
    BOOST_TEST(address("far") == remote);
    BOOST_TEST(address("odd").empty());
    directory.write("config.json", R"({"currentContext": ["far"]})");
    BOOST_TEST(address().empty());
}

BOOST_AUTO_TEST_CASE(docker_host_takes_precedence_over_the_context) {
    set_current("far");
    std::string host, chosen;
    const auto variable = [&](std::string_view name) {
        return name == "DOCKER_CONFIG"    ? directory.path()
               : name == "DOCKER_HOST"    ? host
               : name == "DOCKER_CONTEXT" ? chosen
                                          : std::string();
    };
    BOOST_TEST(docker_address(variable) == remote);
    chosen = "near";
    BOOST_TEST(docker_address(variable) == "unix:///run/near.sock");
    host = "unix:///run/docker.sock";
    BOOST_TEST(docker_address(variable) == host);
}

BOOST_AUTO_TEST_CASE(a_socket_of_a_user_belongs_to_a_dockerd_of_the_user) {
    BOOST_TEST((docker_owner("unix:///run/user/1000/docker.sock") == DockerOwner::user));
    for (const char* const address : {"", "unix:///run/docker.sock", "tcp://far:2376"})
        BOOST_TEST((docker_owner(address) == DockerOwner::machine));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_docker_context
