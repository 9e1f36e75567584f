#include "init/hands/execute/step.hpp"

#include "base/process/program_file.hpp"
#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::execute {

std::string_view to_string(Step step) noexcept {
    return step == Step::none ? "" : unit::exit_status_to_string(static_cast<int>(step));
}

std::string describe(const Failure& failure, std::string_view path) {
    const std::string why = failure.step == Step::exec
                                ? process::why_not_run(std::string(path), failure.error)
                                : std::string();
    return util::concat("Failed at step ", to_string(failure.step), " spawning ", path, ": ",
                        system::describe(failure.error), why.empty() ? "" : "; ", why);
}

}  // namespace notifybridge::execute
