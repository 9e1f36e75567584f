#include "bridge/runtime/published_ports.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "support/words.hpp"

namespace notifybridge::runtime {
namespace {

struct Published {
    const char* command;
    const char* ports;

    friend std::ostream& operator<<(std::ostream& out, const Published& published) {
        return out << published.command;
    }
};

const Published published_lines[] = {
    {"podman run redis", ""},
    {"podman run -p 6379:6379 redis", "6379"},
    {"podman run -p 6379 redis", "6379"},
    {"podman run -p127.0.0.1:16379:6379 redis", "6379"},
    {"podman run --publish=127.0.0.1::6379 redis", "6379"},
    {"podman run --publish [::1]:80:8080 redis", "8080"},
    {"podman run -p 80:8080/tcp -p 81:8081/TCP redis", "8080,8081"},
    {"podman run -p 53:53/udp -p 132:132/sctp redis", ""},
    {"podman run -p 2000-2010:3000-3010 redis", "3000-3010"},
    {"podman run -dp 80:80 redis", "80"},
    {"docker container run -p published=8080,target=81,protocol=tcp nginx", "81"},
    {"docker run -p target=81 -p target=53,protocol=udp nginx", "81"},
    {"nerdctl create -p 80:80 nginx", "80"},
    // The app gets the words that follow the image.
    {"podman run redis -p 80:80", ""},
    // The manager refuses these.
    {"podman run -p 0 -p x -p 80:x -p 70000 -p 1-x redis", ""},
    // Such a container publishes nothing.
    {"podman run --network=host -p 80:80 redis", ""},
    {"podman run --net none -p 80:80 redis", ""},
    {"podman run --network=container:db -p 80:80 redis", ""},
    {"podman run --network=ns:/run/netns/x -p 80:80 redis", ""},
    {"podman run --network=web -p 80:80 redis", "80"},
    {"podman run --network=pasta:--map-gw -p 80:80 redis", "80"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(published)

BOOST_DATA_TEST_CASE(the_tcp_ports_of_the_container_are_read, published_lines, line) {
    const auto words = test::words_of(line.command);
    const auto places = find_manager_command(words);
    BOOST_TEST_REQUIRE(places.has_value());
    BOOST_TEST(published_ports(words, *places) == line.ports);
}

BOOST_AUTO_TEST_CASE(a_thousand_ports_are_one_range) {
    const std::vector<std::string> words = {"podman", "run", "-p", "2000-2999:2000-2999", "x"};
    BOOST_TEST(published_ports(words, *find_manager_command(words)) == "2000-2999");
}

BOOST_AUTO_TEST_CASE(a_container_may_be_in_a_pod) {
    const std::vector<std::string> words = {"podman", "run", "--pod", "web", "x"};
    BOOST_TEST(is_in_pod(words, *find_manager_command(words)));
    const std::vector<std::string> alone = {"podman", "run", "x", "--pod", "web"};
    BOOST_TEST(!is_in_pod(alone, *find_manager_command(alone)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime
