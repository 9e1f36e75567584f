// Prints the table of directives for the test that compares it with the manual. Each line has the
// section, the name and the support. The last word says whether the manual of systemd 252 has the
// directive.

#include <iostream>

#include "init/files/directive/directive.hpp"

int main() {
    using namespace notifybridge::directive;
    for (const DirectiveGroup& group : directive_groups())
        for (const Row& row : group.rows)
            for_each_name(row, [&](std::string_view name) {
                for (const std::string_view section : {group.section, group.other_section})
                    if (!section.empty() && row.support != Support::shown)
                        std::cout << section << ' ' << name << ' ' << static_cast<int>(row.support)
                                  << (group.is_undocumented ? " undocumented\n" : " documented\n");
            });
    return 0;
}
