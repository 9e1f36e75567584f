#include "bridge/runtime/docker_setup.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "bridge/runtime/refusal.hpp"

namespace notifybridge::runtime {
namespace {

const std::string ours = R"({
  "runtimes": {
    "notifybridge": {
      "path": "/opt/notifybridge",
      "runtimeArgs": [
        "runtime",
        "--runtime=runc"
      ]
    }
  }
}
)";

}  // namespace

BOOST_AUTO_TEST_SUITE(docker_setup)

BOOST_AUTO_TEST_CASE(a_settings_file_that_we_created_is_removed_again) {
    BOOST_TEST(configure_docker("", "/opt/notifybridge") == ours);
    BOOST_TEST(configure_docker("{}\n", "/opt/notifybridge") == ours);
    BOOST_TEST(unconfigure_docker(ours) == "");
}

BOOST_AUTO_TEST_CASE(other_settings_of_docker_stay_unchanged) {
    const std::string others = R"({
  "dns": [],
  "log-level": "debug",
  "default-ulimits": {
    "nofile": {
      "Hard": 64000
    }
  },
  "runtimes": {
    "kata": {
      "path": "/usr/bin/kata"
    }
  }
}
)";
    const std::string all = configure_docker(others, "/usr/bin/notifybridge");
    BOOST_TEST(all.find("\"kata\"") != all.npos);
    BOOST_TEST(docker_is_configured(all));
    BOOST_TEST(!docker_is_configured(others));
    BOOST_TEST(unconfigure_docker(all) == others);
    BOOST_TEST(unconfigure_docker(others) == others);
}

BOOST_AUTO_TEST_CASE(a_new_path_of_the_runtime_replaces_the_old_path) {
    const std::string before = configure_docker("", "/old");
    BOOST_TEST(configure_docker(before, "/opt/notifybridge") == ours);
}

BOOST_AUTO_TEST_CASE(our_runtime_calls_the_former_default_runtime) {
    const auto has = [](const std::string& text, const std::string& word) {
        return text.find('"' + word + '"') != text.npos;
    };
    const std::string nvidia = configure_docker(
        R"({"default-runtime": "nvidia", "runtimes": {"nvidia": {"path": "/usr/bin/nv"}}})", "/x");
    BOOST_TEST(has(nvidia, "--runtime=/usr/bin/nv"));
    BOOST_TEST(has(configure_docker(nvidia, "/y"), "--runtime=/usr/bin/nv"));
    // We do not know how to call a runtime that has more settings than a path.
    for (const char* const more : {R"("runtimeArgs": ["-x"])", R"("runtimeType": "io.x")"})
        BOOST_TEST(
            has(configure_docker(
                    std::string(R"({"default-runtime": "a", "runtimes": {"a": {)") + more + "}}}",
                    "/x"),
                "--runtime=runc"));
}

BOOST_AUTO_TEST_CASE(an_existing_real_runtime_is_kept) {
    const std::string gvisor = R"({"runtimes": {"notifybridge": {"path": "/old",
        "runtimeArgs": ["runtime", "--runtime=/usr/bin/runsc"]}}})";
    const std::string after = configure_docker(gvisor, "/new");
    BOOST_TEST(after.find("--runtime=/usr/bin/runsc") != after.npos);
    BOOST_TEST(docker_runtime_path(after) == "/new");
    BOOST_TEST(
        configure_docker(R"({"runtimes": {"notifybridge": {"path": "/x"}}})", "/opt/notifybridge")
        == ours);
}

BOOST_AUTO_TEST_CASE(removing_our_runtime_also_removes_it_as_the_default) {
    BOOST_TEST(unconfigure_docker(R"({"default-runtime": "notifybridge"})") == "");
    const std::string others = "{\n  \"default-runtime\": \"kata\"\n}\n";
    BOOST_TEST(unconfigure_docker(others) == others);
}

BOOST_AUTO_TEST_CASE(settings_that_docker_cannot_read_are_refused) {
    for (const char* const text : {"{", "[]", "no"}) {
        BOOST_CHECK_THROW(configure_docker(text, "/x"), Refusal);
        BOOST_CHECK_THROW(unconfigure_docker(text), Refusal);
        BOOST_TEST(!docker_is_configured(text));
    }
    BOOST_TEST(!docker_is_configured(R"({"runtimes": []})"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
