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

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_has_only_us_and_goes_with_us) {
    BOOST_TEST(configure_docker("", "/opt/notifybridge") == ours);
    BOOST_TEST(configure_docker("{}\n", "/opt/notifybridge") == ours);
    BOOST_TEST(unconfigure_docker(ours) == "");
}

BOOST_AUTO_TEST_CASE(what_is_there_stays) {
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

BOOST_AUTO_TEST_CASE(another_path_takes_the_place_of_the_one_before) {
    const std::string before = configure_docker("", "/old");
    BOOST_TEST(configure_docker(before, "/opt/notifybridge") == ours);
}

BOOST_AUTO_TEST_CASE(what_docker_would_not_read_is_refused) {
    for (const char* const text : {"{", "[]", "no"}) {
        BOOST_CHECK_THROW(configure_docker(text, "/x"), Refusal);
        BOOST_CHECK_THROW(unconfigure_docker(text), Refusal);
        BOOST_TEST(!docker_is_configured(text));
    }
    BOOST_TEST(!docker_is_configured(R"({"runtimes": []})"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
