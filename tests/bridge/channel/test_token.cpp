#include "bridge/channel/token.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>

#include "base/system/lock.hpp"
#include "bridge/channel/directory.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::channel {
namespace {

using boost::unit_test::precondition;

/// A directory with the file "token" of a live holder.
struct Held {
    test::TemporaryDirectory directory;
    std::optional<Token> token{std::in_place, directory.fd()};
    std::string text = token->text();
    std::string path = directory.path(token_name);

    bool is_taken() const { return holder_by_token(directory.fd(), text).has_value(); }

    /// Renames the locked file "token". Returns its new path.
    std::string move_away() const {
        BOOST_TEST_REQUIRE(::rename(path.c_str(), directory.path("away").c_str()) == 0);
        return directory.path("away");
    }

    /// Replaces the file "token" with a file of this content. The returned descriptor holds the
    /// file's lock.
    system::UniqueFd forge(std::string_view content) const {
        ::unlink(path.c_str());
        directory.write(token_name, content);
        BOOST_TEST_REQUIRE(::chmod(path.c_str(), 0600) == 0);
        system::UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        BOOST_TEST((system::take_life_lock(file) == system::LockState::free));
        return file;
    }
};

/// A process of this user that locks the directory like `wait`.
class Holder {
public:
    Holder(const test::TemporaryDirectory& directory, uid_t user, int namespaces = 0) {
        int told[2];
        BOOST_TEST_REQUIRE(::pipe2(told, O_CLOEXEC) == 0);
        // This call works like fork(2), and can also create namespaces.
        pid_ = static_cast<pid_t>(::syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0));
        if (pid_ == 0) {
            const int opened = ::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (::setresuid(user, user, user) == 0 && ::prctl(PR_SET_DUMPABLE, 1) == 0
                && ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::flock(opened, LOCK_EX) == 0
                && ::write(told[1], "", 1) == 1)
                ::pause();
            ::_exit(1);
        }
        ::close(told[1]);
        char byte;
        BOOST_TEST(::read(told[0], &byte, 1) == 1);
        ::close(told[0]);
    }
    ~Holder() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

private:
    pid_t pid_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(token_of_a_wait, Held)

BOOST_AUTO_TEST_CASE(a_token_has_32_digits_and_is_new_each_time) {
    BOOST_TEST(text.size() == 32u);
    BOOST_TEST(text.find_first_not_of("0123456789abcdef") == text.npos);
    const test::TemporaryDirectory other;
    BOOST_TEST(Token(other.fd()).text() != text);
}

BOOST_AUTO_TEST_CASE(a_token_is_readable_only_by_its_user_under_any_umask) {
    for (const mode_t mask : {0, 0777}) {
        const test::TemporaryDirectory other;
        const mode_t before = ::umask(mask);
        const Token made(other.fd());
        ::umask(before);
        struct stat status {};
        BOOST_TEST(::stat(other.path(token_name).c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 07777) == 0600u);
        BOOST_TEST(other.read(token_name) == made.text() + '\n');
    }
}

BOOST_AUTO_TEST_CASE(the_token_of_a_live_wait_is_accepted) {
    BOOST_TEST(is_taken());
    BOOST_TEST(is_taken());
    token.reset();
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(the_token_is_removed_when_its_wait_ends) {
    BOOST_TEST(directory.names().size() == 1u);
    token.reset();
    BOOST_TEST(directory.names().empty());
}

BOOST_AUTO_TEST_CASE(a_replaced_token_is_not_removed) {
    const auto file = forge("theirs\n");
    token.reset();
    BOOST_TEST(directory.read(token_name) == "theirs\n");
}

BOOST_AUTO_TEST_CASE(a_token_that_is_already_removed_is_not_an_error) {
    BOOST_TEST(::unlink(path.c_str()) == 0);
    token.reset();
    BOOST_TEST(directory.names().empty());
}

BOOST_AUTO_TEST_CASE(a_new_token_replaces_a_stale_token) {
    const Token next(directory.fd());
    BOOST_TEST(holder_by_token(directory.fd(), next.text()).has_value());
    BOOST_TEST(!is_taken());
    token.reset();
    BOOST_TEST(holder_by_token(directory.fd(), next.text()).has_value());
}

BOOST_AUTO_TEST_CASE(the_token_of_a_dead_wait_is_refused) {
    const std::string left = directory.read(token_name);
    forge(left).reset();
    BOOST_TEST(directory.read(token_name) == left);
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(a_token_that_was_rewritten_and_is_locked_is_accepted) {
    const auto file = forge(text + '\n');
    BOOST_TEST(is_taken());
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_the_token_is_refused) {
    for (const std::string& other : {std::string(), text.substr(1), text + '0', text + '\n',
                                     std::string(32, '0'), std::string(1, '\0')})
        BOOST_TEST(!holder_by_token(directory.fd(), other).has_value());
}

BOOST_AUTO_TEST_CASE(a_token_file_with_other_content_is_refused) {
    for (const std::string& content :
         {std::string(), std::string("\n"), text, text + ' ', text.substr(1) + '\n', '\n' + text}) {
        const auto file = forge(content);
        BOOST_TEST(!is_taken());
        BOOST_TEST(!holder_by_token(directory.fd(), "").has_value());
    }
}

BOOST_AUTO_TEST_CASE(a_sparse_token_file_is_refused) {
    const auto file = forge("");
    BOOST_TEST(::ftruncate(file.get(), off_t{1} << 40) == 0);
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(a_link_in_place_of_the_token_is_refused) {
    const std::string away = move_away();
    BOOST_TEST_REQUIRE(::symlink(away.c_str(), path.c_str()) == 0);
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(a_fifo_as_token_is_refused_without_blocking) {
    move_away();
    BOOST_TEST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(a_missing_token_and_a_directory_named_token_are_refused) {
    move_away();
    BOOST_TEST(!is_taken());
    BOOST_TEST_REQUIRE(::mkdir(path.c_str(), 0700) == 0);
    BOOST_TEST(!is_taken());
}

const mode_t open_modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0777};

BOOST_DATA_TEST_CASE(a_token_readable_by_others_is_refused, open_modes, mode) {
    BOOST_TEST_REQUIRE(::chmod(path.c_str(), mode) == 0);
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(another_users_token_is_refused, *precondition(test::is_root)) {
    BOOST_TEST_REQUIRE(::chown(path.c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST(!is_taken());
}

BOOST_AUTO_TEST_CASE(a_token_of_the_user_who_holds_the_directory_is_accepted,
                     *precondition(test::is_root)) {
    BOOST_TEST_REQUIRE(::chown(path.c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST_REQUIRE(::chown(directory.path().c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST(!is_taken());
    {
        const Holder us(directory, 0);
        BOOST_TEST(!is_taken());
    }
    {
        const Holder contained(directory, test::nobody, CLONE_NEWPID);
        BOOST_TEST(!is_taken());
    }
    const Holder theirs(directory, test::nobody);
    BOOST_TEST(is_taken());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::channel
