#include "init/daemon/sysctl.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"

namespace notifybridge::daemon {

void raise_sysctl(const std::string& file, unsigned least) {
    const std::string text = system::text_of(file);
    const auto value = util::parse_number<unsigned>(text.substr(0, text.find('\n')));
    if (!value || *value >= least)
        return;
    const std::string raised = util::concat(least, '\n');
    const system::UniqueFd parameter(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (parameter)
        static_cast<void>(!::write(parameter.get(), raised.data(), raised.size()));
}

void make_room_for_messages() {
    raise_sysctl("/proc/sys/net/unix/max_dgram_qlen", least_queue_length);
}

}  // namespace notifybridge::daemon
