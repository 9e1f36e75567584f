#include <ios>

/// In the place of libstdc++'s, which makes the streams of <iostream> and is called before main
/// because sources of Boost include that. Nothing here or in Boost uses these streams: they take
/// 44,000 instructions and a dozen pages, and are left out. See base/system/streams.
std::ios_base::Init::Init() = default;
std::ios_base::Init::~Init() = default;

#if _GLIBCXX_RELEASE >= 13
namespace std {

/// From GCC 13 on it is the mention of this that has them made.
void ios_base_library_init() {}

}  // namespace std
#endif
