// Our messages never print source locations of Boost.JSON, and their names take 20 KB.
#define BOOST_DISABLE_CURRENT_LOCATION

// Compiles Boost.JSON here: the linker would take its whole static library.
#include <boost/json/src.hpp>
