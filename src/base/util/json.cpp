// Where in Boost.JSON something failed is in no message of ours, and 20 KB of names.
#define BOOST_DISABLE_CURRENT_LOCATION

// Boost.JSON itself: of its static library the linker would take all.
#include <boost/json/src.hpp>
