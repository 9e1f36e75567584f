#include "bridge/wrap/socket_place.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <stdexcept>

#include "support/temporary_directory.hpp"

namespace notifybridge::wrap {
namespace {

namespace fs = std::filesystem;

struct Places {
    test::TemporaryDirectory directory;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(socket_place, Places)

BOOST_AUTO_TEST_CASE(the_directory_of_a_socket_is_removed_with_its_owner) {
    std::string path;
    {
        const PrivateDirectory made({directory.path()});
        path = made.path();
        BOOST_TEST(fs::path(path).parent_path() == directory.path());
        BOOST_TEST((fs::status(path).permissions() == fs::perms(0711)));
    }
    BOOST_TEST(!fs::exists(path));
}

BOOST_AUTO_TEST_CASE(places_that_do_not_suit_the_socket_are_skipped) {
    const PrivateDirectory made({"", "relative", directory.path(std::string(100, 'x')),
                                 directory.path("missing"), directory.path()});
    BOOST_TEST(fs::path(made.path()).parent_path() == directory.path());
}

BOOST_AUTO_TEST_CASE(an_error_names_the_last_place_if_none_suits_the_socket) {
    const std::string missing = directory.path("missing");
    BOOST_CHECK_EXCEPTION(PrivateDirectory({missing}), std::runtime_error, [&](const auto& error) {
        return std::string(error.what()).find(missing) != std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(the_name_of_a_socket_is_removed_at_the_end) {
    directory.write("socket", "");
    {
        const SocketName name(directory.path("socket"));
        BOOST_TEST(fs::exists(name.path()));
    }
    BOOST_TEST(!fs::exists(directory.path("socket")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
