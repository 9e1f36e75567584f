#include "base/notify/message.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/notify/print.hpp"

using namespace std::string_literals;

namespace notifybridge::notify {
namespace {

using Texts = std::vector<std::string>;

struct Vector {
    std::string datagram;
    Texts tags;  ///< The assignments as systemd reads them.

    friend std::ostream& operator<<(std::ostream& out, const Vector& vector) {
        return out << util::quote(vector.datagram);
    }
};

// libsystemd-shared 252 splits the first seven datagrams in the same way.
const Vector vectors[] = {
    {"STATUS=a\\b\nREADY=1", {"STATUS=ab", "READY=1"}},
    {"STATUS=foo\\\nREADY=1", {"STATUS=foo\nREADY=1"}},
    {"MA\\INPID=12", {"MAINPID=12"}},
    {"READY=1\rMAINPID=5", {"READY=1", "MAINPID=5"}},
    {"\n\n READY=1 \n\nSTATUS=", {" READY=1 ", "STATUS="}},
    {"'READY=1'", {"'READY=1'"}},
    {"\"READY=1\"", {"\"READY=1\""}},
    {"READY=1", {"READY=1"}},
    {"READY=1\n", {"READY=1"}},
    {"READY=1\0"s, {"READY=1"}},
    {"READY=1\n\0"s, {"READY=1"}},
    {"READY=1\r\nSTATUS=x\r\n", {"READY=1", "STATUS=x"}},
    {"STATUS=x\rMAINPID=1", {"STATUS=x", "MAINPID=1"}},
    {"STATUS=x\\\rMAINPID=1", {"STATUS=x\rMAINPID=1"}},
    {"STATUS=C:\\\\dir", {"STATUS=C:\\dir"}},
    {"STATUS=C:\\\\\nREADY=1", {"STATUS=C:\\", "READY=1"}},
    {"STATUS=a=b", {"STATUS=a=b"}},
    {"STATUS=1\nSTATUS=2", {"STATUS=1", "STATUS=2"}},
    {"STATUS=\xFF", {"STATUS=\xFF"}},
    {"STATUS=a\tb\vc\fd", {"STATUS=a\tb\vc\fd"}},
    {"nonsense", {"nonsense"}},
};

struct Dropped {
    std::string datagram;
    DropReason reason;

    friend std::ostream& operator<<(std::ostream& out, const Dropped& dropped) {
        return out << util::quote(dropped.datagram);
    }
};

const Dropped dropped_datagrams[] = {
    {"READY=1\nSTATUS=x\\", DropReason::trailing_backslash},
    {"\\", DropReason::trailing_backslash},
    {"STATUS=x\\\0"s, DropReason::trailing_backslash},
    {"STATUS=x\\\\\\", DropReason::trailing_backslash},
    {"STATUS=a\0READY=1"s, DropReason::embedded_nul},
    {"\0READY=1"s, DropReason::embedded_nul},
    {"READY=1\0\0"s, DropReason::embedded_nul},
    {"", DropReason::empty},
    {"\0"s, DropReason::empty},
    {"\n\r\n", DropReason::empty},
};

std::string status_of_size(std::size_t size) {
    return "STATUS=" + std::string(size - 7, 'x');
}

const char* const hard_to_say[] = {
    "STATUS=two\nlines", "STATUS=back\\slash", "STATUS=at its end\\",
    "STATUS=\r\n\\\r",   "STATUS=plain",       "A",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(message)

BOOST_DATA_TEST_CASE(a_datagram_is_split_as_systemd_splits_it, vectors, vector) {
    const auto parsed = parse(vector.datagram);
    BOOST_REQUIRE(parsed.has_value());
    Texts texts;
    for (const Tag& tag : parsed->tags())
        texts.push_back(tag.text);
    BOOST_TEST(texts == vector.tags, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(an_invalid_datagram_is_dropped_as_a_whole, dropped_datagrams, dropped) {
    const auto parsed = parse(dropped.datagram);
    BOOST_REQUIRE(parsed.has_error());
    BOOST_TEST(parsed.error() == dropped.reason);
}

BOOST_AUTO_TEST_CASE(a_datagram_may_have_4096_bytes) {
    const std::string longest = status_of_size(4096);
    const auto parsed = parse(longest);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->value(Key::status)->size() == 4089u);
}

/// The position of a character matters, because long lines are scanned in blocks of eight bytes.
BOOST_AUTO_TEST_CASE(separators_and_escapes_are_found_anywhere_in_a_datagram) {
    for (std::size_t size : {64u, 65u, 127u, 128u, 200u})
        for (std::size_t at = 0; at < size; ++at) {
            std::string datagram(size, 'x');
            for (const char separator : {'\n', '\r'}) {
                datagram[at] = separator;
                const std::size_t lines = at == 0 || at == size - 1 ? 1 : 2;
                BOOST_TEST(parse(datagram)->tags().size() == lines, size << " bytes, at " << at);
                BOOST_TEST(parse(datagram)->tags().back().raw.size()
                           == (at == size - 1 ? at : size - at - 1));
            }
            datagram[at] = '\\';
            const auto escaped = parse(datagram);
            BOOST_TEST(escaped.has_value() == (at < size - 1), size << " bytes, at " << at);
            if (escaped)
                BOOST_TEST(escaped->tags().front().text == std::string(size - 1, 'x'));
        }
}

BOOST_AUTO_TEST_CASE(a_datagram_of_4097_bytes_is_too_long) {
    const auto parsed = parse(status_of_size(4097));
    BOOST_REQUIRE(parsed.has_error());
    BOOST_TEST(parsed.error() == DropReason::too_long);
}

BOOST_AUTO_TEST_CASE(the_size_of_a_datagram_includes_its_final_nul) {
    BOOST_TEST(parse(status_of_size(4095) + '\0').has_value());
    BOOST_TEST(parse(status_of_size(4096) + '\0').has_error());
}

BOOST_AUTO_TEST_CASE(an_assignment_keeps_its_raw_bytes_and_its_unescaped_key) {
    const std::string datagram = "MA\\INPID=1\\2";
    const auto parsed = parse(datagram);
    BOOST_REQUIRE(parsed.has_value());
    const Tag& tag = parsed->tags().front();
    BOOST_TEST(tag.raw == "MA\\INPID=1\\2");
    BOOST_TEST(tag.text == "MAINPID=12");
    BOOST_TEST(tag.key == Key::main_pid);
    BOOST_TEST(tag.value() == "12");
}

BOOST_AUTO_TEST_CASE(the_first_of_two_assignments_with_the_same_key_counts) {
    const auto parsed = parse("STATUS=first\nERRNO=1\nSTATUS=second\nERRNO=2");
    BOOST_TEST(parsed->value(Key::status).value() == "first");
    BOOST_TEST(parsed->value(Key::errno_).value() == "1");
    BOOST_TEST(!parsed->value(Key::main_pid).has_value());
}

BOOST_AUTO_TEST_CASE(a_flag_such_as_ready_1_is_compared_as_a_whole) {
    for (const char* const other : {"READY=0", "READY=10", "READY=", "READY", " READY=1",
                                    "READY=1 ", "STATUS=READY=1", "READY=1\\\nSTATUS=x"})
        BOOST_TEST(!parse(other)->has("READY=1"), other);
    BOOST_TEST(parse("READY=0\nREADY=1")->has("READY=1"));
    BOOST_TEST(parse("R\\EADY=\\1")->has("READY=1"));
}

BOOST_DATA_TEST_CASE(an_escaped_assignment_parses_to_the_same_text, hard_to_say, assignment) {
    const std::string datagram = escape_assignment(assignment) + "\nREADY=1";
    const auto parsed = parse(datagram);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_REQUIRE(parsed->tags().size() == 2u);
    BOOST_TEST(parsed->tags()[0].text == assignment);
    BOOST_TEST(parsed->tags()[1].text == "READY=1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::notify
