#include "systemd_words.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

#include "base/util/words.hpp"
#include "support/words.hpp"

namespace notifybridge::test_systemd_words {
namespace {

/// A command line of systemd(1), and the arguments for `init`. Options that `init` cannot obey are
/// in `ignored`.
struct Row {
    const char* words;
    const char* arguments;
    const char* ignored = "";

    friend std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.words; }
};

/// Arguments that are translated in the same way for process 1 and for other processes.
constexpr Row option_rows[] = {
    {"", ""},
    {"--system --no-pager --switched-root", ""},
    {"--system=yes", "--system=yes"},
    {"--unit=app.service", "--unit=app.service"},
    {"--unit app.service", "--unit=app.service"},
    {"--unit=", "--unit="},
    {"--unit", "--unit"},
    {"--unit --system", "--unit=--system"},
    {"--log-level=debug", "--log-level=debug"},
    {"--log-level info", "--log-level=info"},
    {"--log-level=crit --log-level=err", "--log-level=error --log-level=error"},
    {"--log-level=4 --log-level=nonsense", "--log-level=warning --log-level=nonsense"},
    {"--log-target=journal --log-target console", ""},
    {"--log-color --log-color=no app", "app"},
    {"--log-time app --dump-core app", "app app"},
    {"--crash-vt 1 --crash-action reboot", ""},
    {"--show-status", "--verbose"},
    {"--show-status=yes", "--verbose"},
    {"--show-status=1", "--verbose"},
    {"--show-status=no", ""},
    {"--show-status=auto", ""},
    {"--show-status=error", ""},
    {"--show-status no", "--verbose no"},
    {"--confirm-spawn", "", "--confirm-spawn"},
    {"--confirm-spawn=yes --machine-id=1", "", "--confirm-spawn=yes --machine-id=1"},
    {"--machine-id 1 --system", "", "--machine-id"},
    {"--user --help", "--help"},
    {"--user=yes --tests", "--user=yes --tests"},
    {"--unknown=1 -x app", "--unknown=1 -x app"},
    {"--", "--"},
};

/// Words of a kernel command line, which are translated only for process 1.
constexpr Row kernel_rows[] = {
    {"emergency", "--unit=emergency.target"},
    {"-b", "--unit=emergency.target"},
    {"rescue", "--unit=rescue.target"},
    {"single", "--unit=rescue.target"},
    {"-s", "--unit=rescue.target"},
    {"s S 1", "--unit=rescue.target --unit=rescue.target --unit=rescue.target"},
    {"2 3 4", "--unit=multi-user.target --unit=multi-user.target --unit=multi-user.target"},
    {"5", "--unit=graphical.target"},
    {"debug", "--log-level=debug"},
    {"systemd.unit=app.service", "--unit=app.service"},
    {"systemd.unit=", "--unit="},
    {"systemd.log_level=debug", "--log-level=debug"},
    {"systemd.show_status systemd.show_status=1", "--verbose --verbose"},
    {"systemd.show_status=0 systemd.show_status=auto", ""},
    {"quiet ro rw splash nosplash", ""},
    {"console=ttyS0 root=/dev/sda1 init=/sbin/init", ""},
    {"rd.break nowatchdog.x systemd.unit", ""},
};

/// Words that stay unchanged for each process, because they are errors even in a kernel command
/// line. `init` reports these errors.
constexpr Row unknown_rows[] = {
    {"6", "6"},
    {"0", "0"},
    {"-x", "-x"},
    {"-b=1", "-b=1"},
    {"app", "app"},
    {"/usr/bin/app", "/usr/bin/app"},
    {"./app.sh", "./app.sh"},
    {"/usr/bin/app=1", "/usr/bin/app=1"},
    {"Quiet", "Quiet"},
};

void check_row(const Row& row, bool is_process_1) {
    const auto words = test::words_of(row.words);
    const SystemdWords translated = translate_systemd_words(words, is_process_1);
    BOOST_TEST(util::join_shell_words(translated.arguments) == row.arguments);
    BOOST_TEST(util::join_shell_words(translated.ignored) == row.ignored);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(systemd_words)

BOOST_DATA_TEST_CASE(options_of_systemd_are_translated, option_rows, row) {
    check_row(row, true);
    check_row(row, false);
}

BOOST_DATA_TEST_CASE(process_1_translates_words_of_the_kernel_command_line, kernel_rows, row) {
    check_row(row, true);
}

BOOST_DATA_TEST_CASE(other_processes_keep_words_of_a_kernel_command_line, kernel_rows, row) {
    check_row({row.words, row.words}, false);
}

BOOST_AUTO_TEST_CASE(options_for_another_program_are_refused) {
    const auto refused = [](std::string_view text) {
        return translate_systemd_words(test::words_of(text), true).refused;
    };
    BOOST_TEST(refused("--system --user").starts_with("--user is not supported: "));
    BOOST_TEST(refused("--test --system").starts_with("--test is not supported: "));
    BOOST_TEST(refused("--system user --user=yes") == "");
}

BOOST_DATA_TEST_CASE(unknown_words_stay_unchanged, unknown_rows, row) {
    check_row(row, true);
    check_row(row, false);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::test_systemd_words
