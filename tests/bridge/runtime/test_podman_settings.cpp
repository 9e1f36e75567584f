#include "bridge/runtime/podman_settings.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::runtime {

namespace {

std::string runtime_in_settings(std::string_view text) {
    std::string runtime;
    read_settings(text, runtime);
    return runtime;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(podman_settings)

BOOST_AUTO_TEST_CASE(the_runtime_of_the_engine_is_found) {
    BOOST_TEST(runtime_in_settings("[engine]\nruntime = \"kata\"\n") == "kata");
    BOOST_TEST(runtime_in_settings("[engine] # x\n\truntime='/opt/my/crun' # mine")
               == "/opt/my/crun");
    BOOST_TEST(runtime_in_settings("[engine]\nruntime=\"a\"\nruntime=\"b\"\n") == "b");
}

BOOST_AUTO_TEST_CASE(what_is_called_alike_is_not) {
    BOOST_TEST(runtime_in_settings("") == "");
    BOOST_TEST(runtime_in_settings("[engine]\n#runtime = \"kata\"\n") == "");
    BOOST_TEST(runtime_in_settings("[engine]\nruntime_supports_json = [\"kata\"]\n") == "");
    BOOST_TEST(runtime_in_settings("runtime = \"kata\"\n[containers]\nruntime = \"kata\"\n") == "");
    BOOST_TEST(runtime_in_settings("[engine]\n[engine.runtimes]\nruntime = \"kata\"\n") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
