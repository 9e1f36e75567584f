#include "base/process/pseudo_terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cstring>

#include "base/system/error.hpp"

namespace notifybridge::process {

PseudoTerminal make_pseudo_terminal(system::Fd original) {
    PseudoTerminal made;
    made.ours.reset(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!made.ours)
        system::throw_errno("open", "/dev/ptmx");
    const int unlocked = 0;
    if (::ioctl(made.ours.get(), TIOCSPTLCK, &unlocked) < 0)
        system::throw_errno("ioctl TIOCSPTLCK");
    // Opening the terminal by its name could open another file in this mount namespace. The ioctl
    // exists since Linux 4.13.
    made.others.reset(::ioctl(made.ours.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!made.others)
        system::throw_errno("ioctl TIOCGPTPEER");
    termios settings{};
    if (::tcgetattr(original.get(), &settings) == 0) {
        settings.c_oflag &= ~static_cast<tcflag_t>(OPOST);
        ::tcsetattr(made.others.get(), TCSANOW, &settings);
    }
    follow_size(original, made.ours);
    return made;
}

bool follow_size(system::Fd original, system::Fd copy) noexcept {
    winsize wanted{};
    winsize size{};
    return ::ioctl(original.get(), TIOCGWINSZ, &wanted) == 0
           && ::ioctl(copy.get(), TIOCGWINSZ, &size) == 0
           && std::memcmp(&wanted, &size, sizeof size) != 0
           && ::ioctl(copy.get(), TIOCSWINSZ, &wanted) == 0;
}

}  // namespace notifybridge::process
