// Leaves out the source locations of Boost.JSON. Our messages never print them, and their names
// take 20 KB.
#define BOOST_DISABLE_CURRENT_LOCATION

// Compiles Boost.JSON as a part of this file, because the linker would take the whole static
// library.
#include <boost/json/src.hpp>
