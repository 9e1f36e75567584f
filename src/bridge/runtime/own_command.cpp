#include "bridge/runtime/own_command.hpp"

#include "base/util/base_name.hpp"

namespace notifybridge::runtime {

std::string_view own_subcommand(std::span<const std::string> words) {
    if (words.empty())
        return {};
    const std::string_view name = util::base_name(words[0]);
    if (name == wrapper_name)
        return "wrap";
    if (name == waiter_name)
        return "wait";
    return name == program_name && words.size() > 1 ? std::string_view(words[1])
                                                    : std::string_view();
}

}  // namespace notifybridge::runtime
