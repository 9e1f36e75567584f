#pragma once

#include <ostream>

namespace notifybridge::system {

/// Standard output and standard error as streams over stdio's. <iostream> has the same, made before
/// main whether they are used or not: a quarter of what the executable executes until then. So no
/// source includes it; subcommands/no_iostream.cpp has the rest of this.
std::ostream& out();

/// What out() holds back is written first.
std::ostream& err();

/// Writes out what out() holds back. False where something that it was given could not
/// be written, as errno says.
bool flush_out();

}  // namespace notifybridge::system
