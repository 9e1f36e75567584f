// Prints the table of directives, for the test that compares it with the manual's: a line each of
// the section, the name, how it is honoured, and whether systemd 252's manual has it.

#include <iostream>

#include "init/directive/directive.hpp"

int main() {
    using namespace notifybridge::directive;
    for (const DirectiveGroup& group : directive_groups())
        for (const Directive& directive : group.directives)
            for (const std::string_view section : {group.section, group.other_section})
                if (!section.empty() && directive.support != Support::shown)
                    std::cout << section << ' ' << directive.name << ' '
                              << static_cast<int>(directive.support) << ' '
                              << (directive.is_undocumented ? "undocumented" : "documented")
                              << '\n';
    return 0;
}
