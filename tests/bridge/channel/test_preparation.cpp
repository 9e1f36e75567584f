#include "bridge/channel/preparation.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/system/file.hpp"
#include "base/system/local_socket.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/lane.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::channel {
namespace {

BOOST_FIXTURE_TEST_SUITE(preparation, test::TemporaryDirectory)

BOOST_AUTO_TEST_CASE(only_unfinished_files_with_the_given_names_are_removed) {
    const std::string unfinished = system::temporary_name(host_name);
    const std::vector<std::string> kept = {".host.mine", system::temporary_name(journal_name),
                                           host_name};
    write(unfinished, "some");
    for (const std::string& name : kept)
        write(name, "some");
    remove_unfinished(fd(), {host_name, token_name});
    BOOST_TEST(!std::filesystem::exists(path(unfinished)));
    for (const std::string& name : kept)
        BOOST_TEST(std::filesystem::exists(path(name)), name);
}

BOOST_AUTO_TEST_CASE(lanes_of_other_runs_are_removed) {
    const RunId own{std::byte{1}}, other{std::byte{2}}, third{std::byte{3}};
    const auto listen = [this](const std::string& name) {
        return *system::listen_at(fd(), name.c_str(), 0600);
    };
    const system::UniqueFd lanes[] = {listen(lane_name(own)), listen(lane_name(other)),
                                      listen("lane.socket")};
    const std::vector<std::string> kept = {lane_name(own), lane_name(third), "lane.socket",
                                           "lane.csv"};
    write(lane_name(third), "");
    write("lane.csv", "");
    remove_other_lanes(fd(), own);
    BOOST_TEST(!std::filesystem::exists(path(lane_name(other))));
    for (const std::string& name : kept)
        BOOST_TEST(std::filesystem::exists(path(name)), name);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::channel
