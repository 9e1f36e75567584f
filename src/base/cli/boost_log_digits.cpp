// Boost.Log needs a table of digits to print thread numbers, which we do not use. In the library,
// the table is in a source file that also formats memory dumps. The static constructor of that file
// executes three CPUID instructions. Virtual machines trap these, which costs 17 µs at each start.
// With this table, the linker leaves that file out. The table is weak, so that a Boost that links
// its own table still works.

#include <boost/log/detail/config.hpp>
#include <boost/log/detail/header.hpp>

namespace boost {

BOOST_LOG_OPEN_NAMESPACE

namespace aux {

[[gnu::weak]] extern const char g_hex_char_table[2][16];

const char g_hex_char_table[2][16] = {
    {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'},
    {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'},
};

}  // namespace aux

BOOST_LOG_CLOSE_NAMESPACE

}  // namespace boost

#include <boost/log/detail/footer.hpp>
