// Prints the settings of units as `show --all` does. A system test compares this output with the
// output of systemctl.
//
//     show_properties UNIT_PATH <NAMES
//
// A line with only "." follows the properties of each unit.

#include <iostream>

#include "init/answers/properties/settings_properties.hpp"
#include "init/files/facts/facts.hpp"

int main(int argc, char** argv) {
    using namespace notifybridge;
    if (argc != 2)
        return 2;
    const load::DiskSource source;
    unit::Messages messages;
    const load::UnitIndex index(source, load::load_path(argv[1]), messages);
    const unit::Facts facts = facts::gather_facts();
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto name = unit::UnitName::parse(line);
        if (!name)
            return 2;
        properties::show_settings(load::load(*name, index, facts, messages),
                                  [&](std::string_view key, const std::string& value) {
                                      std::cout << key << '=' << value << '\n';
                                  });
        std::cout << ".\n";
    }
    return 0;
}
