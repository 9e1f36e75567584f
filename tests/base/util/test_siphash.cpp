#include "base/util/siphash.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <string>

namespace notifybridge::util {
namespace {

struct Hashed {
    std::size_t size;
    std::uint64_t hash;

    friend std::ostream& operator<<(std::ostream& out, const Hashed& hashed) {
        return out << hashed.size << " bytes";
    }
};

// The test vectors of the SipHash paper. The input is the bytes 0, 1, 2 and so on. The key is the
// bytes 0 to 15.
const Hashed vectors[] = {
    {0, 0x726fdb47dd0e0e31}, {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
    {8, 0x93f5f5799a932462}, {15, 0xa129ca6149be45e5}, {63, 0x958a324ceb064572},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hashing)

BOOST_DATA_TEST_CASE(siphash_matches_the_vectors_of_its_paper,
                     boost::unit_test::data::make(vectors), sample) {
    std::string bytes;
    for (std::size_t at = 0; at < sample.size; ++at)
        bytes += static_cast<char>(at);
    BOOST_TEST(siphash(bytes, {0x0706050403020100, 0x0f0e0d0c0b0a0908}) == sample.hash);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util
