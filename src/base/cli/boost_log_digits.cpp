// Boost.Log prints the number of a thread, which nothing of ours does, by a table of digits. In its
// library that comes with a dump of memory whose static constructor asks the processor what it is,
// by three CPUID, each of which a virtual machine leaves to its hypervisor: 17 µs of each start. A
// table of our own has the linker take none of that. It is weak, as another Boost may bring its
// own all the same.

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
