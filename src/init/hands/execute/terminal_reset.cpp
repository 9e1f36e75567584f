#include "init/hands/execute/terminal_reset.hpp"

#include <fcntl.h>
#include <linux/kd.h>
#include <sys/ioctl.h>
#include <sys/ttydefaults.h>
#include <termios.h>
#include <unistd.h>

#include "init/hands/execute/streams.hpp"

namespace notifybridge::execute {
namespace {

template <typename Action>
void with_terminal(const std::string& path, const Action& action) noexcept {
    const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    action(fd);
    ::close(fd);
}

void set_special_characters(cc_t (&characters)[NCCS]) {
    characters[VINTR] = CINTR;
    characters[VQUIT] = CQUIT;
    characters[VERASE] = CERASE;
    characters[VKILL] = CKILL;
    characters[VEOF] = CEOF;
    characters[VSTART] = CSTART;
    characters[VSTOP] = CSTOP;
    characters[VSUSP] = CSUSP;
    characters[VLNEXT] = CLNEXT;
    characters[VWERASE] = CWERASE;
    characters[VREPRINT] = CRPRNT;
    characters[VEOL] = characters[VEOL2] = 0;
    characters[VTIME] = 0;
    characters[VMIN] = 1;
}

/// Applies the settings of stty(1) "sane". Keeps speed, parity and character size of the line.
void make_sane(termios& settings) {
    constexpr tcflag_t no_input = IGNBRK | BRKINT | ISTRIP | INLCR | IGNCR | IUCLC;
    settings.c_iflag = (settings.c_iflag & ~no_input) | ICRNL | IMAXBEL | IUTF8;
    settings.c_oflag |= ONLCR | OPOST;
    settings.c_cflag |= CREAD;
    settings.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    set_special_characters(settings.c_cc);
}

void reset(int fd) {
    ::ioctl(fd, TIOCNXCL);
    ::ioctl(fd, KDSETMODE, KD_TEXT);
    termios settings;
    if (::tcgetattr(fd, &settings) == 0) {
        make_sane(settings);
        ::tcsetattr(fd, TCSANOW, &settings);
    }
    ::tcflush(fd, TCIOFLUSH);
}

}  // namespace

TerminalReset terminal_reset_of(const unit::ExecSettings& exec) {
    if (!exec.tty_reset && !exec.tty_vhangup)
        return {};
    return {terminal_path(exec), exec.tty_vhangup, exec.tty_reset};
}

void reset_terminal(const TerminalReset& wanted) noexcept {
    if (wanted.path.empty())
        return;
    if (wanted.hangs_up)
        with_terminal(wanted.path, [](int fd) { ::ioctl(fd, TIOCVHANGUP); });
    if (wanted.resets)
        with_terminal(wanted.path, reset);
}

}  // namespace notifybridge::execute
