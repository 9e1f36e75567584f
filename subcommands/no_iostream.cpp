#include <ios>

/// Replaces libstdc++'s function that creates the streams of <iostream>. It would run before main,
/// because sources of Boost include <iostream>. Nothing here or in Boost uses these streams, and
/// they take 44,000 instructions and a dozen pages. See base/system/streams.
std::ios_base::Init::Init() = default;
std::ios_base::Init::~Init() = default;

#if _GLIBCXX_RELEASE >= 13
namespace std {

/// Since GCC 13, a reference to this function makes the library create the streams.
void ios_base_library_init() {}

}  // namespace std
#endif
