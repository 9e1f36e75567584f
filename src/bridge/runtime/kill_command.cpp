#include "bridge/runtime/kill_command.hpp"

#include "base/system/file.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {
namespace {

bool is_full_id(std::string_view text) {
    constexpr std::size_t id_size = 64;
    return text.size() == id_size && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// Returns whether this name is in a list that is separated by commas. docker also lists the names
/// that links give to a container: "app,web/db".
bool has_name(std::string_view names, std::string_view name) {
    while (!names.empty())
        if (util::take_until(names, ',') == name)
            return true;
    return false;
}

}  // namespace

std::optional<KillCommand> kill_command(std::span<const std::string> command) {
    const auto places = find_manager_command(command);
    if (!places || (places->name.empty() && places->cidfile.empty()))
        return std::nullopt;
    const auto manager = command.first(places->global_end);
    return KillCommand{.manager = {manager.begin(), manager.end()},
                       .name = places->name,
                       .cidfile = places->cidfile,
                       .removes = places->removes,
                       .has_ignore = places->manager->has_ignore};
}

std::string id_in_cidfile(const std::string& cidfile) {
    constexpr std::size_t longest = 128;
    const std::string text = system::text_of(cidfile, longest);
    const std::string_view id = util::strip(text);
    return is_full_id(id) ? std::string(id) : std::string();
}

std::vector<std::string> words_of_list(const KillCommand& command) {
    std::vector<std::string> words = command.manager;
    words.insert(words.end(), {"ps", "--all", "--no-trunc", "--format={{.ID}} {{.Names}}"});
    return words;
}

std::string id_in_list(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        std::string_view names = util::strip(util::take_until(list, '\n'));
        const std::string_view id = util::take_until(names, ' ');
        if (is_full_id(id) && has_name(names, name))
            return std::string(id);
    }
    return {};
}

}  // namespace notifybridge::runtime
