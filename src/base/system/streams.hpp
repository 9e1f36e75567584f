#pragma once

#include <ostream>

namespace notifybridge::system {

/// Standard output and standard error as streams over stdio, which keeps errno when a write fails.
std::ostream& out();

/// Flushes out() before each write.
std::ostream& err();

/// Flushes out(). Returns false, with errno, if something could not be written.
bool flush_out();

}  // namespace notifybridge::system
