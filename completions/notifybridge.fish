# fish completion for notifybridge
#
# The options are read from what --help prints, so that they are those of the executable that is
# there. What follows a subcommand's options is completed as a command of its own.

command -q notifybridge
or exit

# Where the options of the subcommand $argv[1] end: prints the words from there to the cursor.
# Fails while they have not ended.
function __notifybridge_operands
    set -l valued __notifybridge_valued_$argv[1]
    set -l words (commandline -opc) (commandline -ct)
    test "$words[2]" = "$argv[1]"
    or return
    set -e words[1..2]
    while set -q words[2]
        set -l word $words[1]
        set -e words[1]
        # A question mark is no pattern in fish 4, so this is a regular expression.
        if test "$word" = --
            printf '%s\n' $words
            return 0
        else if not string match -qr -- '^-.' "$word"
            printf '%s\n' "$word" $words
            return 0
        else if contains -- $word $$valued
            set -q words[2]
            or return 1
            set -e words[1]
        end
    end
    # The last word is the one that is being typed.
    string match -q -- '-*' "$words[1]"
    and return 1
    printf '%s\n' "$words[1]"
end

# Whether the options of the subcommand $argv[1] go on.
function __notifybridge_in_options
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"
    or return
    set -l valued __notifybridge_valued_$argv[1]
    set -e words[1..2]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        # send takes its messages between options, and ctl its verb and units.
        test $argv[1] = send; and string match -q -- '*=*' $word
        and continue
        test $argv[1] = ctl; and not string match -q -- '-*' $word
        and continue
        string match -qr -- '^-.' $word; and test $word != --
        or return 1
        contains -- $word $$valued
        and set -e words[1]
    end
    return 0
end

function __notifybridge_command
    set -l words (__notifybridge_operands $argv[1])
    or return
    complete --do-complete=(string join ' ' -- (string escape -- $words[1..-2]) "$words[-1]")
end

# Whether the first word that is no option of run, the container manager, is being typed.
function __notifybridge_needs_manager
    set -l words (__notifybridge_operands run)
    or return
    test (count $words) -eq 1
end

function __notifybridge_needs_subcommand
    test (count (commandline -opc)) -eq 1
end

function __notifybridge_needs_help_topic
    set -l words (commandline -opc)
    test (count $words) -eq 2 -a "$words[2]" = help
end

# The operands of ctl so far, its verb first. Fails where it is another subcommand.
function __notifybridge_ctl_operands
    set -l words (commandline -opc)
    test "$words[2]" = ctl
    or return
    set -e words[1..2]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        if contains -- $word $__notifybridge_valued_ctl
            set -e words[1]
        else if not string match -qr -- '^-.' $word
            printf '%s\n' $word
        end
    end
    return 0
end

function __notifybridge_needs_verb
    set -l operands (__notifybridge_ctl_operands)
    or return
    not set -q operands[1]
end

function __notifybridge_needs_unit
    set -l operands (__notifybridge_ctl_operands)
    or return
    set -q operands[1]
end

# The verbs, of which the help has several in a line.
function __notifybridge_verbs
    env COLUMNS=79 notifybridge ctl --help | sed -n '/^Verbs/,/^$/s/^  //p' | string split ', ' | string trim -c ', '
end

# The units that ctl lists by the arguments, of the directory of --root if there is one.
function __notifybridge_listed
    set -l root (string match -r -- '--root[ =][^ ]+' (commandline -pc) | string split ' ')
    notifybridge ctl $root --no-legend --plain $argv 2>/dev/null | string match -r '[^ ]+'
end

# The units that have a `wait` now.
function __notifybridge_bridges
    notifybridge status --all 2>/dev/null | string match -rg -- '^\S+ (\S+\.service) '
end

# What the verb is about: units in memory, their files, or both.
function __notifybridge_units
    set -l operands (__notifybridge_ctl_operands)
    switch "$operands[1]"
        case link
            __fish_complete_path
        case list-unit-files cat edit verify is-enabled enable disable reenable preset mask unmask revert \
                set-default add-wants add-requires
            __notifybridge_listed list-unit-files
        case start restart reload-or-restart isolate status logs show list-dependencies
            __notifybridge_listed list-units --all
            __notifybridge_listed list-unit-files
        case list-units list-sockets list-timers list-paths critical-chain '*active' '*failed' stop \
                reload '*-restart' 'cond*' reload-or-try-restart force-reload kill
            __notifybridge_listed list-units --all
    end
end

complete -c notifybridge -f
complete -c notifybridge -n __notifybridge_needs_subcommand -l help -d 'Show the overview'
complete -c notifybridge -n __notifybridge_needs_subcommand -l version -d 'Show the version'

set -l overview (env COLUMNS=79 notifybridge --help)
for line in (seq (count $overview))
    set -l found (string match -r '^  ([a-z]+) +(.*)$' -- $overview[$line])
    or continue
    set -l name $found[2]
    set -l text $found[3]
    # A summary that is long goes on below.
    set -l next (math $line + 1)
    while set -l more (string match -r '^ {12}(.*)$' -- $overview[$next])
        set text "$text $more[2]"
        set next (math $next + 1)
    end
    for condition in __notifybridge_needs_subcommand __notifybridge_needs_help_topic
        complete -c notifybridge -n $condition -a $name -d "$text"
    end

    set -g __notifybridge_valued_$name
    set -l in_options "__notifybridge_in_options $name"
    set -l lines (env COLUMNS=79 notifybridge $name --help)
    set -l at 0
    while test $at -lt (count $lines)
        set at (math $at + 1)
        # The letter, the name, the value, and the text, of which each but the name may be missing.
        set -l option (string match -r '^  (-.,|   ) --([a-z-]+)(\[?=\S+|)(.*)$' -- $lines[$at])
        or continue
        set -l letter (string match -r '[^-, ]' -- $option[2])
        # Where the option fills the line, or the text is long, it goes on below.
        set -l text $option[5]
        while set -l more (string match -r '^ {20,}(.*)$' -- $lines[(math $at + 1)])
            set text "$text $more[2]"
            set at (math $at + 1)
        end
        set text (string trim -- $text)
        set -l arguments -c notifybridge -n $in_options -l $option[3] -d "$text"
        set -q letter[1]
        and set -a arguments -s $letter
        if string match -q '=*' -- $option[4]
            set -a __notifybridge_valued_$name --$option[3]
            set -q letter[1]
            and set -a __notifybridge_valued_$name -$letter
        end
        switch "$option[4]"
            case '=PATH' '=DIR*'
                # That of runtime is a program.
                if test $name = runtime
                    set -a arguments -r -F
                else
                    set -a arguments -x -a '(__fish_complete_directories)'
                end
            case '=KEY'
                set -a arguments -x -a 'READY STATUS RELOADING MONOTONIC_USEC STOPPING ERRNO BUSERROR VARLINKERROR EXIT_STATUS WATCHDOG WATCHDOG_USEC EXTEND_TIMEOUT_USEC MAINPID MAINPIDFD MAINPIDFDID FDSTORE FDSTOREREMOVE FDNAME FDPOLL NOTIFYACCESS RESTART_RESET X_'
            case '=LEVEL'
                set -a arguments -x -a 'error warning notice info debug'
            case '=PROBE'
                set -l others log: fd: systemd: exit start notify
                test $option[3] = alive-when
                and set others process
                set -a arguments -x -a "listen listen: http:// http+unix:// tcp: unix: file: exec: healthy $others"
            case '=TARGET'
                set -a arguments -x -a 'tcp: unix:'
            case '=ADDRESS'
                set -a arguments -x -a 'vsock: unix:'
            case '=MANAGER'
                set -a arguments -x -a docker
            case '=EVENT'
                set -a arguments -x -a ready
            case '=HOW'
                set -a arguments -x -a 'use ignore both'
            case '=TYPE'
                set -a arguments -x -a 'service socket target timer path'
            case '=STATE'
                set -a arguments -x -a 'loaded not-found masked error bad-setting active reloading inactive failed activating deactivating running exited dead listening enabled disabled static'
            case '=FORMAT'
                set -a arguments -x -a 'json json-pretty'
            case '=MODE'
                # That of wrap is another one.
                set -a arguments -x
                test $name = ctl
                and set -a arguments -a 'fail replace replace-irreversibly isolate flush ignore-dependencies ignore-requirements triggering restart-dependencies'
            case '=SIGNAL'
                set -a arguments -x -a '(__fish_make_completion_signals; string replace -r "^\S+ (SIG)?" SIG -- $__kill_signals)'
            case '=PART'
                set -a arguments -x -a 'full enable-only disable-only'
            case '=WHOM'
                set -a arguments -x -a 'main control all'
            case '=UNIT'
                set -a arguments -x -a '(__notifybridge_listed list-unit-files)'
            case '=USER*'
                set -a arguments -x -a '(__fish_complete_users)'
            case '[=PID]'
                set -a arguments -a 'auto parent self'
            case '=*'
                set -a arguments -x
        end
        complete $arguments
    end
end

for name in wrap wait
    complete -c notifybridge -n "__notifybridge_operands $name >/dev/null" \
        -a "(__notifybridge_command $name)"
end
complete -c notifybridge -n __notifybridge_needs_manager -a 'podman docker nerdctl'
complete -c notifybridge \
    -n '__notifybridge_operands run >/dev/null; and not __notifybridge_needs_manager' \
    -a '(__notifybridge_command run)'
complete -c notifybridge \
    -n '__notifybridge_operands send >/dev/null; and contains -- --fork (commandline -opc)' \
    -a '(__notifybridge_command send)'
complete -c notifybridge \
    -n '__notifybridge_operands send >/dev/null; and not contains -- --fork (commandline -opc)' \
    -a 'READY=1 RELOADING=1 STOPPING=1 STATUS= ERRNO= EXIT_STATUS= WATCHDOG=1 WATCHDOG=trigger WATCHDOG_USEC= EXTEND_TIMEOUT_USEC= MAINPID= X_'
complete -c notifybridge -n '__notifybridge_operands status >/dev/null' \
    -a '(__fish_complete_directories) (__notifybridge_bridges)'
complete -c notifybridge -n __notifybridge_needs_verb -a '(__notifybridge_verbs)'
complete -c notifybridge -n __notifybridge_needs_unit -a '(__notifybridge_units)'
