#include "base/system/streams.hpp"

#include <ext/stdio_sync_filebuf.h>

#include <cstdio>

namespace notifybridge::system {
namespace {

bool out_is_used = false;

}  // namespace

std::ostream& out() {
    static __gnu_cxx::stdio_sync_filebuf<char> buffer(stdout);
    static std::ostream stream(&buffer);
    out_is_used = true;
    return stream;
}

std::ostream& err() {
    static __gnu_cxx::stdio_sync_filebuf<char> buffer(stderr);
    static std::ostream stream(&buffer);
    stream.tie(&out());
    return stream;
}

bool flush_out() {
    return !out_is_used || out().flush();
}

}  // namespace notifybridge::system
