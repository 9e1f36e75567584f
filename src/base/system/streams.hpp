#pragma once

#include <ostream>

namespace notifybridge::system {

/// Returns standard output as a stream that uses stdio. <iostream> constructs its own streams
/// before main, even if nothing uses them. Their construction takes a quarter of all instructions
/// before main. So no source includes <iostream>. See also subcommands/no_iostream.cpp.
std::ostream& out();

/// Returns standard error as a stream that uses stdio. Each write to it flushes out() first.
std::ostream& err();

/// Flushes out(). Returns false, with errno, if a write has failed.
bool flush_out();

}  // namespace notifybridge::system
