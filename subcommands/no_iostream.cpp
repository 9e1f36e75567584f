#include <ios>

/// Replaces libstdc++'s function that creates the streams of <iostream>. Sources of Boost include
/// <iostream>, so the function would run before main. Neither we nor Boost use these streams, and
/// they take 44,000 instructions and a dozen pages. See base/system/streams.
std::ios_base::Init::Init() = default;
std::ios_base::Init::~Init() = default;

#if _GLIBCXX_RELEASE >= 13
namespace std {

/// Replaces the function that sources with <iostream> refer to since GCC 13. The library's own
/// function would create the streams.
void ios_base_library_init() {}

}  // namespace std
#endif
