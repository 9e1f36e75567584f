#include "init/ctl/terminal_relay.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

TerminalRelay::TerminalRelay() : ours_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    std::array<char, 64> name;
    if (!ours_ || ::grantpt(ours_.get()) < 0 || ::unlockpt(ours_.get()) < 0
        || ::ptsname_r(ours_.get(), name.data(), name.size()) != 0)
        throw Failure(util::concat("cannot create a terminal: ", system::describe(errno),
                                   "; is /dev/pts mounted?"));
    path_ = name.data();
    service_ = system::UniqueFd(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!service_)
        throw Failure(util::concat("cannot open ", path_, ": ", system::describe(errno)));
    copy_window_size(ours_.get());
}

TerminalRelay::~TerminalRelay() {
    finish();
}

void TerminalRelay::begin() {
    termios settings{};
    if (::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &settings) == 0) {
        before_ = settings;
        ::cfmakeraw(&settings);
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
    }
    output_.begin(ours_.get(), STDOUT_FILENO);
    input_.begin(STDIN_FILENO, ours_.get(), true);
}

void TerminalRelay::finish() {
    input_.stop();
    output_.finish();
    if (before_)
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
    before_.reset();
}

}  // namespace notifybridge::ctl
