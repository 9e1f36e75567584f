// This macro leaves out the source locations of Boost.JSON. Our messages never print them, and
// their names take 20 KB.
#define BOOST_DISABLE_CURRENT_LOCATION

// Boost.JSON is compiled as a part of this file. From its static library, the linker would take
// everything.
#include <boost/json/src.hpp>
