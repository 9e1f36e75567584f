#include "base/notify/address.hpp"

#include "fuzz.hpp"

/// Fuzzes the parser of $NOTIFY_SOCKET, which our caller may set to any text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const auto address = notify::parse_address(fuzz::as_text(data, size));
    if (!address) {
        fuzz::require(!notify::explain(address.error()).empty(), "each error has an explanation");
        return 0;
    }
    const auto again = notify::parse_address(notify::to_string(*address));
    fuzz::require(again && *again == *address, "an address is the same after printing and parsing");
    return 0;
}
