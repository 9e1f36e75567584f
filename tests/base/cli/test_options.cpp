#include "base/cli/options.hpp"

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace notifybridge::cli::test_options {
namespace {

using Texts = std::vector<std::string>;

constexpr auto options = std::to_array<Option>({
    {"help", 'h', "", "show this help"},
    {"verbose", 'v', "", "say what happens"},
    {"timeout", 't', "SPAN", "how long to wait"},
    {"pid", 0, "[PID]", "whose pid is sent"},
    {"", 'P', "NAME", "what has no longer name"},
    {"allow", 0, "KEY", "let KEY pass, which is told here in so many words that the line is full"},
    {"version", 0, "", "show the version"},
});

const Usage usage = {"wrap", "[OPTIONS] [--] COMMAND [ARG…]", "Runs a command.", options,
                     "More of it, in a paragraph that takes more columns than a line has, and\n"
                     "another line.\n\n"
                     "A list with two columns:\n"
                     "  one   two, and a text that does not fit a narrow terminal\n"
                     "  three\n\n"
                     "Example, for `wrap`:\n"
                     "  app --first --second --third --fourth \\\n"
                     "    --fifth --sixth --seventh --eighth \\\n"
                     "    --ninth"};

Arguments parsed(const Texts& arguments) {
    return parse(usage, arguments);
}

struct Row {
    Texts arguments;
    Texts operands;

    friend std::ostream& operator<<(std::ostream& out, const Row& row) {
        for (const std::string& argument : row.arguments)
            out << '"' << argument << "\" ";
        return out;
    }
};

// In each row, --verbose or -v is an option. The operands may look like options.
const Row ends_of_options[] = {
    {{"--verbose"}, {}},
    {{"-v"}, {}},
    {{"--verbose", "app"}, {"app"}},
    {{"--verbose", "app", "--verbose", "-x", "--"}, {"app", "--verbose", "-x", "--"}},
    {{"--verbose", "--", "app", "--", "-v"}, {"app", "--", "-v"}},
    {{"--verbose", "--", "--verbose"}, {"--verbose"}},
    {{"--verbose", "--"}, {}},
    {{"--verbose", "--timeout", "5", "app"}, {"app"}},
    {{"--verbose", "--timeout=5", "app"}, {"app"}},
    {{"-v", "-t5", "app"}, {"app"}},
    {{"--verbose", "--pid", "app"}, {"app"}},
    {{"--verbose", "-"}, {"-"}},
    {{"--verbose", ""}, {""}},
    {{"--verbose", "", "--no-such-option"}, {"", "--no-such-option"}},
};

struct Mistake {
    Texts arguments;
    Texts words;  ///< Words that the message must contain.

    friend std::ostream& operator<<(std::ostream& out, const Mistake& mistake) {
        for (const std::string& argument : mistake.arguments)
            out << '"' << argument << "\" ";
        return out;
    }
};

const Mistake mistakes[] = {
    {{"--no-such-option"}, {"'--no-such-option'", "--help"}},
    {{"--no-such-option=5"}, {"'--no-such-option'", "--help"}},
    {{"--verbos"}, {"'--verbos'", "did you mean '--verbose'?"}},
    {{"--time-out=5"}, {"'--time-out'", "did you mean '--timeout'?"}},
    {{"--time=5"}, {"'--time'", "did you mean '--timeout'?"}},
    {{"--p"}, {"did you mean '--pid'?"}},
    {{"--"
      "="},
     {"'--'", "--help"}},
    {{"--ver"}, {"did you mean '--verbose' or '--version'?"}},
    {{"-x"}, {"'-x'"}},
    {{"--timeout"}, {"--timeout", "SPAN"}},
    {{"-t"}, {"-t", "SPAN"}},
    {{"-vt"}, {"-vt", "SPAN"}},
    {{"-vx"}, {"'-x'"}},
    {{"--timeout="}, {"--timeout", "SPAN"}},
    {{"--timeout", "-v"}, {"--timeout", "SPAN"}},
    {{"--timeout", "--", "app"}, {"--timeout", "SPAN"}},
    {{"-t", "--timeout=5"}, {"-t", "SPAN"}},
    {{"--verbose=yes"}, {"--verbose", "no value"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_DATA_TEST_CASE(options_end_at_an_operand_or_two_dashes, ends_of_options, row) {
    const Arguments arguments = parsed(row.arguments);
    BOOST_TEST(arguments.has("verbose"));
    BOOST_TEST(arguments.operands() == row.operands, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_command_line_without_arguments_sets_no_option) {
    const Arguments arguments = parsed({});
    BOOST_TEST(!arguments.has("verbose"));
    BOOST_TEST(!arguments.value("timeout").has_value());
    BOOST_TEST(arguments.values("allow").empty());
    BOOST_TEST(arguments.operands().empty());
}

BOOST_AUTO_TEST_CASE(an_option_value_may_be_attached_or_a_separate_argument) {
    for (const Texts& arguments :
         {Texts{"--timeout", "1min 30s"}, Texts{"--timeout=1min 30s"}, Texts{"-t", "1min 30s"},
          Texts{"-t1min 30s"}, Texts{"-vt", "1min 30s"}, Texts{"-vt1min 30s"}})
        BOOST_TEST(parsed(arguments).value("timeout").value() == "1min 30s");
}

BOOST_AUTO_TEST_CASE(an_option_value_may_look_like_an_option) {
    BOOST_TEST(parsed({"--timeout", "-1"}).value("timeout").value() == "-1");
    BOOST_TEST(parsed({"--timeout=--verbose"}).value("timeout").value() == "--verbose");
    BOOST_TEST(parsed({"--timeout=a=b"}).value("timeout").value() == "a=b");
}

BOOST_AUTO_TEST_CASE(a_repeated_option_keeps_all_its_values) {
    const Arguments arguments = parsed({"--allow=MAINPID", "--allow", "FDSTORE"});
    BOOST_TEST(arguments.value("allow").value() == "FDSTORE");
    BOOST_TEST(arguments.values("allow") == (Texts{"MAINPID", "FDSTORE"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_optional_value_has_to_be_attached_to_its_option) {
    const Arguments without = parsed({"--pid", "5"});
    BOOST_TEST(without.has("pid"));
    BOOST_TEST(without.value("pid").value() == "");
    BOOST_TEST(without.operands() == Texts{"5"}, boost::test_tools::per_element());
    BOOST_TEST(parsed({"--pid=5"}).value("pid").value() == "5");
    BOOST_TEST(parsed({"--pid=5", "--pid"}).value("pid").value() == "");
    BOOST_TEST(parsed({"--pid", "--pid=5"}).value("pid").value() == "5");
}

BOOST_AUTO_TEST_CASE(an_option_without_a_value_has_no_values) {
    const Arguments arguments = parsed({"--verbose", "-v"});
    BOOST_TEST(arguments.has("verbose"));
    BOOST_TEST(arguments.values("verbose").empty());
}

BOOST_DATA_TEST_CASE(a_wrong_command_line_is_explained_with_a_remedy, mistakes, mistake) {
    BOOST_CHECK_EXCEPTION(parsed(mistake.arguments), UsageError, [&](const UsageError& error) {
        const std::string text = error.what();
        for (const std::string& word : mistake.words)
            BOOST_TEST(text.find(word) != std::string::npos, word << " is not in: " << text);
        return text.find('\n') == std::string::npos;
    });
}

BOOST_AUTO_TEST_CASE(arguments_after_the_option_help_are_not_read) {
    for (const Texts& arguments : {Texts{"-h", "-x"}, Texts{"--help", "--no-such-option"},
                                   Texts{"-vhx"}, Texts{"-v", "-h", "--timeout"}})
        BOOST_TEST(parsed(arguments).has("help"));
    BOOST_CHECK_THROW(parsed({"-xh"}), UsageError);
    BOOST_CHECK_THROW(parsed({"-x", "-h"}), UsageError);
    BOOST_TEST(!parsed({"-th"}).has("help"));
}

BOOST_AUTO_TEST_CASE(an_option_without_a_long_name_is_found_by_its_letter) {
    const Arguments arguments = parsed({"-P", "one", "-vPtwo", "app"});
    const Texts wanted = {"one", "two"};
    BOOST_TEST(arguments.values("-P") == wanted, boost::test_tools::per_element());
    BOOST_TEST(arguments.operands().front() == "app");
    BOOST_CHECK_THROW(parsed({"-P"}), UsageError);
    BOOST_CHECK_THROW(parsed({"--=one"}), UsageError);
}

BOOST_AUTO_TEST_CASE(the_help_text_shows_each_option_once) {
    const std::string text = help(usage, "notifybridge wrap");
    BOOST_TEST(text.starts_with("Usage: notifybridge wrap [OPTIONS] [--] COMMAND [ARG…]\n"));
    for (const char* const part :
         {"Runs a command.", "  -h, --help", "  -t, --timeout=SPAN", "      --pid[=PID]",
          "  -P NAME ", "      --allow=KEY", "and another\nline.\n\nA list",
          "columns:\n  one   two, and a text that does not fit a narrow terminal\n  three\n",
          "\n  app --first --second --third --fourth \\\n    --fifth "})
        BOOST_TEST(text.find(part) != std::string::npos, part << " is not in: " << text);
    BOOST_TEST(text.find("--verbose") == text.rfind("--verbose"));
}

BOOST_DATA_TEST_CASE(the_help_text_fits_a_terminal,
                     boost::unit_test::data::make({40u, 59u, 60u, 79u}), width) {
    const std::string text = help(usage, "notifybridge wrap", width);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        BOOST_TEST(end - at <= width, text.substr(at, end - at));
        at = end + 1;
    }
}

BOOST_AUTO_TEST_CASE(a_narrow_help_text_breaks_lists_and_commands) {
    const std::string text = help(usage, "notifybridge wrap", 40);
    const std::string wanted =
        "A list with two columns:\n"
        "  one   two, and a text that does not\n"
        "        fit a narrow terminal\n"
        "  three\n\n"
        "Example, for `wrap`:\n"
        "  app --first --second --third \\\n"
        "    --fourth \\\n"
        "    --fifth --sixth --seventh --eighth \\\n"
        "    --ninth\n";
    BOOST_TEST(text.substr(text.find("A list")) == wanted);
}

BOOST_AUTO_TEST_CASE(the_help_text_groups_options_below_their_headings) {
    constexpr auto grouped = std::to_array<Option>({
        {"often", 0, "", "is used often"},
        {"one", 0, "", "comes first", "Rarely used"},
        help_option,
        {"two", 0, "", "comes second", "Rarely used"},
    });
    const Usage both = {"wrap", "[OPTIONS]", "Runs.", grouped, "Exit status: 0."};
    BOOST_TEST(help(both, "wrap")
               == "Usage: wrap [OPTIONS]\n\nRuns.\n\nOptions:\n"
                  "      --often               is used often\n"
                  "  -h, --help                show this help\n\n"
                  "Rarely used:\n"
                  "      --one                 comes first\n"
                  "      --two                 comes second\n\n"
                  "Exit status: 0.\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::cli::test_options
