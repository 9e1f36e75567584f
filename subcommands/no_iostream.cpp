#include <ios>

/// Replaces libstdc++'s function that creates the streams of <iostream>. Sources of Boost include
/// <iostream>, so the function would run before main. Neither we nor Boost use these streams, and
/// they take 44,000 instructions and a dozen pages. See base/system/streams.
std::ios_base::Init::Init() = default;
std::ios_base::Init::~Init() = default;

#if _GLIBCXX_RELEASE >= 13
namespace std {

/// Since GCC 13, sources that refer to this function make the library create the streams.
void ios_base_library_init() {}

}  // namespace std
#endif
