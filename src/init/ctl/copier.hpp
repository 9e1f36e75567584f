#pragma once

#include <sys/types.h>

namespace notifybridge::ctl {

/// A child process that copies bytes from one descriptor to another, because our own process waits
/// for the manager.
class Copier {
public:
    Copier() = default;
    ~Copier() { stop(); }
    Copier(const Copier&) = delete;
    Copier& operator=(const Copier&) = delete;

    /// Begins to copy, until the end of the input. If `is_terminal` is true, `to` is a terminal,
    /// which gets ^D at the end, and follows the size of our own window.
    void begin(int from, int to, bool is_terminal = false);
    /// Copies what has already been written, and ends the child.
    void finish();
    /// Ends the child at once.
    void stop();

private:
    void end(int signal);

    pid_t child_ = -1;
};

/// Sets the size of the window of a terminal to that of our standard output.
void copy_window_size(int terminal);

}  // namespace notifybridge::ctl
