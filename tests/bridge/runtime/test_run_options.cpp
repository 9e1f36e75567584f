#include "bridge/runtime/run_options.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "support/words.hpp"

namespace notifybridge::runtime::test_run_options {
namespace {

using Words = std::vector<std::string>;

/// Returns each option as "NAME=VALUE BEGIN END".
Words texts_of(const RunOptions& options) {
    Words texts;
    for (const RunOption& option : options.all)
        texts.push_back(
            util::concat(option.name, '=', option.value, ' ', option.begin, ' ', option.end));
    return texts;
}

struct Line {
    const char* text;
    Words options;
    std::size_t end;  ///< The index after the options.
    Words of_word;    ///< The options of the first word.

    friend std::ostream& operator<<(std::ostream& out, const Line& line) {
        return out << line.text;
    }
};

const Line lines[] = {
    {"", {}, 0, {}},
    {"IMAGE -v /x:/y", {}, 0, {}},
    {"- IMAGE", {}, 0, {}},
    {"-- -d IMAGE", {}, 1, {}},
    {"-d --rm IMAGE --tty", {"d= 0 1", "--rm= 1 2"}, 2, {"d= 0 1"}},
    {"--env A=B IMAGE", {"--env=A=B 0 2"}, 2, {"--env=A=B 0 2"}},
    {"--env=A=B -- IMAGE", {"--env=A=B 0 1"}, 2, {"--env=A=B 0 1"}},
    {"--rm=false IMAGE", {"--rm=false 0 1"}, 1, {"--rm=false 0 1"}},
    {"-itv /a:/b IMAGE",
     {"i= 0 1", "t= 0 1", "v=/a:/b 0 2"},
     2,
     {"i= 0 1", "t= 0 1", "v=/a:/b 0 2"}},
    {"-de=A=B IMAGE", {"d= 0 1", "e=A=B 0 1"}, 1, {"d= 0 1", "e=A=B 0 1"}},
    {"--label -v IMAGE", {"--label=-v 0 2"}, 2, {"--label=-v 0 2"}},
    {"--name", {"--name= 0 1"}, 1, {"--name= 0 1"}},
};

BOOST_AUTO_TEST_SUITE(run_options)

BOOST_DATA_TEST_CASE(options_end_at_the_image, lines, line) {
    const Words words = test::words_of(line.text);
    const RunOptions all = read_run_options(words, 0);
    BOOST_TEST(texts_of(all) == line.options, boost::test_tools::per_element());
    BOOST_TEST(all.end == line.end);
    BOOST_TEST(texts_of(read_options_of_word(words, 0)) == line.of_word,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_of_several_values_is_found) {
    const Words words = {"--name=a", "--name", "b", "IMAGE", "--name=c"};
    const RunOptions options = read_run_options(words, 0);
    BOOST_TEST((options.find("--name") == "b"));
    BOOST_TEST(!options.find("--env").has_value());
}

BOOST_AUTO_TEST_CASE(a_directory_may_take_the_place_of_the_image) {
    const Words image = test::words_of("podman run --rm IMAGE app");
    BOOST_TEST(find_image(image, 2) == 3u);
    const Words directory = test::words_of("podman run --rootfs /srv app");
    BOOST_TEST(find_image(directory, 2) == directory.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::runtime::test_run_options
