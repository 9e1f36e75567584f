#include "init/rules/unit_types/exec_status.hpp"

#include <signal.h>

#include "base/util/concat.hpp"
#include "base/util/signal_names.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::unit_types {

void ExecStatus::ended(process::ExitStatus how, bool with_core, system::Moment now) {
    has_ended = true;
    status = how;
    dumped_core = with_core;
    exit = now;
}

int ExecStatus::code() const noexcept {
    if (!has_ended)
        return 0;
    return status.signal == 0 ? CLD_EXITED : dumped_core ? CLD_DUMPED : CLD_KILLED;
}

std::string_view ExecStatus::code_name() const noexcept {
    return unit::code_to_string(code());
}

std::string ExecStatus::number_name() const {
    return status.signal ? util::signal_to_string(status.signal) : util::concat(status.code);
}

std::string ExecStatus::end_text() const {
    return util::concat(" ended: ", code_name(), ", status ", number_name(), '.');
}

}  // namespace notifybridge::unit_types
