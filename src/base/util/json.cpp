// Boost.JSON itself: of its static library the linker would take all.
#include <boost/json/src.hpp>
