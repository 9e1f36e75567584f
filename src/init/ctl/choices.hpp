#pragma once

/// Lists the values of an option, for --type=help and --state=help (systemctl(1)).
namespace notifybridge::ctl {

void print_types(bool has_legend);
/// Prints the states of the unit types that we support.
void print_states(bool has_legend);
/// Prints the names of signals for --signal=help. If `has_numbers` is true, prints the table for
/// --signal=list.
void print_signals(bool has_numbers);

}  // namespace notifybridge::ctl
