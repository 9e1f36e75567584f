#include "bridge/runtime/kill_command.hpp"

#include <algorithm>
#include <string_view>

#include "base/system/file.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

std::optional<KillCommand> kill_command(std::span<const std::string> command) {
    const auto places = find_manager_command(command);
    if (!places || (places->name.empty() && places->cidfile.empty()))
        return std::nullopt;
    KillCommand kill;
    const auto manager = command.first(places->global_end);
    kill.words.assign(manager.begin(), manager.end());
    kill.words.emplace_back("kill");
    kill.container = places->name;
    kill.cidfile = places->cidfile;
    return kill;
}

std::vector<std::string> words_of(const KillCommand& command) {
    constexpr std::size_t longest_id = 128;
    std::string container = command.container;
    if (container.empty())
        container = system::text_of(command.cidfile, longest_id);
    constexpr std::string_view of_names =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
    container.resize(std::min(container.find_first_not_of(of_names), container.size()));
    if (container.empty() || container.front() == '-')
        return {};
    std::vector<std::string> words = command.words;
    words.push_back(std::move(container));
    return words;
}

}  // namespace notifybridge::runtime
