#include "bridge/runtime/image_of_command.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "support/words.hpp"

namespace notifybridge::runtime::test_image_of_command {
namespace {

using test::words_of;
using Words = std::vector<std::string>;

struct Line {
    const char* text;
    const char* image;  ///< Null if there is none.

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

const Line lines[] = {
    {"podman run redis", "redis"},
    {"/usr/bin/podman create redis redis-server --save x", "redis"},
    {"podman container run redis", "redis"},
    {"podman --root container run redis", "redis"},
    {"podman --log-level debug --root=/x run redis", "redis"},
    {"podman run --rm --replace --name=app redis", "redis"},
    {"podman run --name app --env A --env B=C -v /a:/b redis sh", "redis"},
    {"podman run -it redis", "redis"},
    {"podman run -itp 80:80 redis", "redis"},
    {"podman run -itp80:80 redis", "redis"},
    {"podman run -d -p 80:80 -eA=B redis", "redis"},
    {"podman run --rm -- redis sh", "redis"},
    {"podman run --rootfs=false redis", "redis"},
    {"podman run docker://example.org/redis:7", "example.org/redis:7"},
    {"podman run - redis", "-"},
    {"docker run --rm --network none redis", "redis"},
    {"docker -H unix:///x run -d redis", "redis"},
    {"nerdctl -n k8s.io run --quiet redis", "redis"},
    {"podman run", nullptr},
    {"podman run --rm", nullptr},
    {"podman run --name", nullptr},
    {"podman run --", nullptr},
    {"podman run --rm --rootfs /srv/root", nullptr},
    {"podman run --rootfs=true /srv/root", nullptr},
    {"podman start app", nullptr},
    {"podman --remote run redis", nullptr},
    {"docker -H tcp://example.org run redis", nullptr},
    {"docker compose up", nullptr},
    {"sh -c 'podman run redis'", nullptr},
    {"", nullptr},
};

BOOST_AUTO_TEST_SUITE(image_of_command_line)

BOOST_DATA_TEST_CASE(the_image_of_a_command_is_found, lines, line) {
    const auto image = image_of_command(words_of(line.text));
    BOOST_TEST_REQUIRE(image.has_value() == (line.image != nullptr));
    if (image)
        BOOST_TEST(image->image == line.image);
}

BOOST_AUTO_TEST_CASE(a_manager_and_a_name_identify_the_image) {
    const auto image = image_of_command(Words{"docker", "run", "-q", "redis:7"});
    BOOST_TEST_REQUIRE(image.has_value());
    BOOST_TEST(image->command.manager->name.view() == "docker");
    BOOST_TEST(image->image == "redis:7");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::runtime::test_image_of_command
