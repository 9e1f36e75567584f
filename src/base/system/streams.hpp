#pragma once

#include <ostream>

namespace notifybridge::system {

/// Standard output and standard error as streams over stdio. <iostream> would construct its own
/// before main even if unused: a quarter of all instructions until then. So no source includes it;
/// see also subcommands/no_iostream.cpp.
std::ostream& out();

/// Flushes out() before each write.
std::ostream& err();

/// Flushes out(). Returns false, with errno, if something could not be written.
bool flush_out();

}  // namespace notifybridge::system
