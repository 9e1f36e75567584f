#include "init/files/unit/syntax.hpp"

#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <ostream>
#include <string>

#include "base/util/concat.hpp"

namespace notifybridge::unit::test_syntax {
namespace {

constexpr auto sections = std::to_array<std::string_view>({"Unit", "Service"});

struct Reading {
    std::string assignments;  ///< One "SECTION.KEY=VALUE@LINE;" for each assignment.
    std::string messages;     ///< One "LINE: TEXT\n" for each message.
    int error = 0;
};

Reading read(std::string_view text) {
    Reading reading;
    Messages messages;
    const auto assign = [&](const Assignment& one) {
        reading.assignments +=
            util::concat(one.section, '.', one.key, '=', one.value, '@', one.place.line, ';');
        return one.key != "Stop";
    };
    reading.error = parse_syntax(text, "file", sections, assign, messages);
    for (const Message& message : messages.all())
        reading.messages += util::concat(message.line, ": ", message.text, '\n');
    return reading;
}

struct File {
    std::string text;
    const char* assignments;

    friend std::ostream& operator<<(std::ostream& out, const File& file) {
        return out << file.text;
    }
};

const File files[] = {
    {"", ""},
    {"[Unit]\nA=1", "Unit.A=1@2;"},
    {"[Unit]\n\n A = b c \t\n", "Unit.A=b c@3;"},
    {"[Unit]\nA=b=c\nB=\n", "Unit.A=b=c@2;Unit.B=@3;"},
    {"[Unit]\nA=1\n[Service]\nA=2\n[Unit]\nB=3\n", "Unit.A=1@2;Service.A=2@4;Unit.B=3@6;"},
    {"  [Unit]  \n#A=1\n ;B=2\nC=#3 ; 4\n", "Unit.C=#3 ; 4@4;"},
    {"[Unit]\nA=b\\\n  c\\\nd\n", "Unit.A=b   c d@4;"},
    {"[Unit]\nA=b\\\n# x \\\n  ; y\nc\n", "Unit.A=b c@5;"},
    {"[Unit]\nA=b\\\n\nB=c\n", "Unit.A=b@3;Unit.B=c@4;"},
    {"[Unit]\nA=b\\\\\nB=c\\\\\\\n d\n", "Unit.A=b\\\\@2;Unit.B=c\\\\  d@4;"},
    {"[Unit]\nA=b\\", "Unit.A=b@3;"},
    {"[Unit]\nA=b\\\n[Service]\n", "Unit.A=b [Service]@3;"},
    {"\\\n[Unit]\nA=b\n", "Unit.A=b@3;"},
    {"[Unit]\r\nA=b\\\r\nc\r\n", "Unit.A=b c@3;"},
    {"[Unit]\rA=b\rB=c", "Unit.A=b@2;Unit.B=c@3;"},
    {"[Unit]\n\rA=b\n\n\rB=c", "Unit.A=b@2;Unit.B=c@4;"},
    {std::string("[Unit]\0A=b\0\0B=c", 15), "Unit.A=b@2;Unit.B=c@4;"},
    {"\xEF\xBB\xBF[Unit]\nA=b\n", "Unit.A=b@2;"},
    {"[Unit]\nA=1\nStop=1\nB=2\n", "Unit.A=1@2;Unit.Stop=1@3;"},
    {"[X-Foo]\nA=1\n[Unit]\nB=2\n", "Unit.B=2@4;"},
};

struct Bad {
    std::string text;
    int error;
    const char* message;

    friend std::ostream& operator<<(std::ostream& out, const Bad& bad) {
        return out << bad.message;
    }
};

const std::string mebibyte(1024 * 1024, 'x');

const Bad bad_files[] = {
    {"A=1\n[Unit]\n", 0, "1: ignoring \"A=1\": it is before the first section.\n"},
    {"[Unit]\nfoo\n", 0, "2: ignoring \"foo\": it has no \"=\".\n"},
    {"[Unit]\n = x\n", 0, "2: ignoring \"= x\": it has no name before the \"=\".\n"},
    {"[Servise]\nA=1\n", 0,
     "1: ignoring section [Servise]: a unit of this type has no such section; did you mean "
     "[Service]?\n"},
    {"[Unit\nA=1\n", EBADMSG,
     "1: ignoring the file: the section header \"[Unit\" does not end with \"]\".\n"},
    {"[Unit]\nA=\xFF\n", EINVAL, "2: ignoring the file: this line is not UTF-8: \"A=\\xff\".\n"},
    {"[Unit]\n#" + mebibyte, ENOBUFS,
     "2: ignoring the file: this line is longer than 1 MiB; make it shorter.\n"},
    {"[Unit]\nA=" + mebibyte.substr(9) + "\\\nxxxxxxx\\\nx", ENOBUFS,
     "3: ignoring the file: the lines joined by \"\\\" are longer than 1 MiB; make them "
     "shorter.\n"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(syntax)

BOOST_DATA_TEST_CASE(a_unit_file_is_read_as_systemd_reads_it, files, file) {
    const Reading reading = read(file.text);
    BOOST_TEST(reading.assignments == file.assignments);
    BOOST_TEST(reading.messages == "");
}

BOOST_DATA_TEST_CASE(an_error_in_a_unit_file_is_reported_with_its_line, bad_files, bad) {
    const Reading reading = read(bad.text);
    BOOST_TEST(reading.error == bad.error);
    BOOST_TEST(reading.messages == bad.message);
}

BOOST_AUTO_TEST_CASE(a_line_of_a_unit_file_has_at_most_one_mebibyte) {
    BOOST_TEST(read("[Unit]\n#" + mebibyte.substr(2) + "\n").error == 0);
    BOOST_TEST(read("[Unit]\n#" + mebibyte.substr(1) + "\n").error == ENOBUFS);
}

BOOST_AUTO_TEST_CASE(the_receiver_of_assignments_can_stop_the_parser) {
    BOOST_TEST(read("[Unit]\nStop=1\n").error == ECANCELED);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit::test_syntax
