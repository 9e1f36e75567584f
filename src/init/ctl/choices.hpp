#pragma once

/// What an option's value may be, for --type=help and --state=help (systemctl(1)).
namespace notifybridge::ctl {

void print_types(bool has_legend);
/// The states that a unit of a type that is honoured here may be in.
void print_states(bool has_legend);
/// Of --signal=help: the names, and with `has_numbers`, as of --signal=list, a table with numbers.
void print_signals(bool has_numbers);

}  // namespace notifybridge::ctl
