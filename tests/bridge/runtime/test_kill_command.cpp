#include "bridge/runtime/kill_command.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_kill_command {
namespace {

using test::words_of;
using util::concat;

const std::string id(64, 'a');
const std::string other_id = concat("b012", std::string(60, 'c'));

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_command_line)

BOOST_AUTO_TEST_CASE(the_kill_command_keeps_the_managers_options) {
    const auto manager = [](const std::string& line) {
        return kill_command(words_of(line)).value().manager;
    };
    BOOST_TEST(manager("podman run --rm --name=app redis") == words_of("podman"));
    BOOST_TEST(kill_command(words_of("podman run --rm --cidfile=/z redis")).value().removes);
    BOOST_TEST(!kill_command(words_of("podman run --cidfile=/z redis --rm")).value().removes);
    BOOST_TEST(manager("/usr/bin/docker -H unix:///run/x.sock container run --name app redis")
               == words_of("/usr/bin/docker -H unix:///run/x.sock"));
    BOOST_TEST(manager("podman --root=/x --runtime=/y run --cidfile=/z redis")
               == words_of("podman --root=/x --runtime=/y"));
    auto list = words_of("docker -H unix:///x ps --all --no-trunc");
    list.emplace_back("--format={{.ID}} {{.Names}}");
    BOOST_TEST(
        words_of_list(kill_command(words_of("docker -H unix:///x run --name=app redis")).value())
        == list);
}

BOOST_AUTO_TEST_CASE(a_cidfile_counts_if_it_has_a_full_id) {
    const test::TemporaryDirectory directory;
    const auto read = [&](const std::string& text) {
        directory.write("id", text);
        return id_in_cidfile(directory.path("id"));
    };
    BOOST_TEST(id_in_cidfile(directory.path("id")) == "");
    BOOST_TEST(read(id) == id);
    BOOST_TEST(read(id + '\n') == id);
    for (const std::string& bad : {std::string("0123abc\n"), std::string("--all"), id + 'a'})
        BOOST_TEST(read(bad) == "");
}

BOOST_AUTO_TEST_CASE(only_the_whole_name_identifies_a_container) {
    const std::string list = concat(other_id, " db-old\n\n", id, " web,web/db,b0x\n", "b012 db\n");
    BOOST_TEST(id_in_list(list, "web") == id);
    BOOST_TEST(id_in_list(list, "b0x") == id);
    BOOST_TEST(id_in_list(list, "db-old") == other_id);
    // The first is the beginning of an id, the others are parts of a name or have a short id.
    for (const char* const name : {"b0", "b012", "db", "we", "old", ""})
        BOOST_TEST(id_in_list(list, name) == "", name);
}

BOOST_AUTO_TEST_CASE(a_command_without_a_container_name_has_no_kill_command) {
    for (const char* const line :
         {"podman run redis", "podman run redis --name=app", "podman exec app true", "sh -c true"})
        BOOST_TEST(!kill_command(words_of(line)).has_value(), line);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_kill_command
