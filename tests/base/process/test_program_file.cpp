#include "base/process/program_file.hpp"

#include <sys/stat.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "support/temporary_directory.hpp"

namespace notifybridge::process {
namespace {

std::string elf_file(char machine) {
    return std::string(
               "\x7F"
               "ELF\2\1")
           + std::string(12, 0) + machine + std::string(1, 0);
}

#ifdef __aarch64__
constexpr char own_machine = '\xB7';
constexpr char other_machine = 62;
constexpr std::string_view is_for_other = "it is for x86_64 (amd64), but this";
#else
constexpr char own_machine = 62;
constexpr char other_machine = '\xB7';
constexpr std::string_view is_for_other = "it is for aarch64 (arm64), but this";
#endif

struct Case {
    std::string_view name;
    std::string content;
    mode_t mode;
    int error;
    std::string_view wanted;
};

std::ostream& operator<<(std::ostream& stream, const Case& shown) {
    return stream << shown.name;
}

const std::vector<Case> cases = {
    {"a script without the executable bit", "#!/bin/sh\n", 0644, EACCES, "`chmod a+x "},
    {"a script on a noexec mount", "#!/bin/sh\n", 0755, EACCES, "mounted noexec"},
    {"no interpreter", "#! /no/such -x\n", 0755, ENOENT, "asks for \"/no/such\", which does not"},
    {"a script with Windows line endings", "#!/bin/sh\r\n", 0755, ENOENT, "sed -i 's/\\r$//' "},
    {"no loader", elf_file(own_machine), 0755, ENOENT, "C library"},
    {"not a program", "echo\n", 0755, ENOEXEC, "not a script"},
    {"another machine", elf_file(other_machine), 0755, ENOEXEC, is_for_other},
    {"another machine, without a shell", elf_file(other_machine), 0755, ENOENT, is_for_other},
    {"an unknown reason", "#!/bin/sh\n", 0755, EIO, ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(program_file)

BOOST_DATA_TEST_CASE(each_fault_of_a_program_file_is_explained_with_a_remedy, cases, sample) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("program");
    std::ofstream(path) << sample.content;
    BOOST_TEST_REQUIRE(::chmod(path.c_str(), sample.mode) == 0);
    const std::string why = why_not_run(path, sample.error);
    BOOST_TEST(why.find(sample.wanted) != std::string::npos, why);
    BOOST_TEST(why.empty() == sample.wanted.empty(), why);
}

BOOST_AUTO_TEST_CASE(a_directory_is_explained_but_a_missing_program_is_not) {
    const test::TemporaryDirectory directory;
    BOOST_TEST(why_not_run(directory.path(), EACCES).starts_with("it is a directory"));
    BOOST_TEST(why_not_run(directory.path("none"), ENOENT) == "");
    BOOST_TEST(why_not_run("no-such-program-anywhere", ENOENT) == "");
}

BOOST_AUTO_TEST_CASE(a_special_file_is_not_a_program) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("fifo");
    BOOST_TEST_REQUIRE(::mkfifo(path.c_str(), 0644) == 0);
    BOOST_TEST(why_not_run(path, EACCES).starts_with("it is not a regular file"));
}

BOOST_AUTO_TEST_CASE(a_script_whose_interpreter_cannot_run_here_is_explained) {
    const test::TemporaryDirectory directory;
    const std::string shell = directory.path("sh");
    const std::string script = directory.path("script");
    std::ofstream(shell) << elf_file(other_machine);
    std::ofstream(script) << "#!" << shell << " -e\n";
    for (const int error : {ENOEXEC, ENOENT}) {
        const std::string why = why_not_run(script, error);
        BOOST_TEST(why.find(is_for_other) != std::string::npos, why);
    }
}

BOOST_AUTO_TEST_CASE(the_name_of_a_program_is_looked_up_in_path) {
    const test::TemporaryDirectory directory;
    const std::string before = std::filesystem::current_path();
    std::ofstream(directory.path("some-program-here")) << elf_file(own_machine);
    std::filesystem::current_path(directory.path());
    BOOST_TEST(why_not_run("some-program-here", ENOENT) == "");
    BOOST_TEST(why_not_run("./some-program-here", ENOENT) != "");
    std::filesystem::current_path(before);
}

BOOST_AUTO_TEST_CASE(the_machine_of_an_elf_file_is_found) {
    std::string bytes =
        "\x7F"
        "ELF";
    bytes +=
        std::string(1, 2) + std::string(1, 1) + std::string(12, 0) + "\xB7" + std::string(1, 0);
    BOOST_TEST(elf_machine(bytes) == 183u);
    bytes[5] = 2;
    bytes[18] = 0;
    bytes[19] = 22;
    BOOST_TEST(elf_machine(bytes) == 22u);
    BOOST_TEST(elf_machine("#!/bin/sh\nexec something\n") == 0u);
    BOOST_TEST(elf_machine(bytes.substr(0, 19)) == 0u);
    BOOST_TEST(machine_name(183) == "aarch64 (arm64)");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
