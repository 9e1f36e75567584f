// This macro leaves out the source locations of Boost.JSON. Our messages never print them, and
// their names take 20 KB.
#define BOOST_DISABLE_CURRENT_LOCATION

// Boost.JSON is compiled as a part of this file, so that the linker can leave out unused functions.
// Boost's static library would be linked completely.
#include <boost/json/src.hpp>
