# bash completion for notifybridge                                     -*- shell-script -*-
#
# The options are read from what --help prints, so that they are those of the executable that is
# completed. What follows a subcommand's options is completed as a command of its own.

# Prints a line for each option of the help on standard input: -d--shared-dir=PATH, with the letter
# only where there is one, and with =VALUE or [=VALUE] only where it takes one.
_notifybridge_options() {
    sed -nE 's/^  ((-[[:alnum:]]), |    )(--[a-z-]+(\[?=[^ ]+)?).*/\2\3/p'
}

_notifybridge_subcommands() {
    COLUMNS=79 "$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
}

# The verbs of ctl, of which the help has several in a line.
_notifybridge_verbs() {
    COLUMNS=79 "$1" ctl --help 2>/dev/null | sed -n '/^Verbs/,/^$/s/^  //p' | tr -d ,
}

# The units that ctl lists by the verb $1, of the directory of --root= if there is one.
_notifybridge_units() {
    local -a root=()
    local -i at
    for ((at = 1; at < cword; at++)); do
        case ${words[at]} in
        --root) root=("--root=${words[at + 1]}") ;;
        --root=*) root=("${words[at]}") ;;
        esac
    done
    "$program" ctl "${root[@]}" --no-legend --plain "$@" 2>/dev/null | sed -E 's/^ *([^ ]+).*/\1/'
}

# The units that have a `wait` now.
_notifybridge_bridges() {
    "$program" status --all 2>/dev/null | sed -nE 's/^[^ ]+ ([^ ]+\.service) .*/\1/p'
}

# What the verb of ctl is about: units in memory, their files, or both.
_notifybridge_ctl_operands() {
    local offered=
    case $verb in
    '') offered=$(_notifybridge_verbs "$program") ;;
    link) _filedir ;;
    list-unit-files | cat | edit | verify | is-enabled | enable | disable | reenable | preset | mask | \
        unmask | revert | set-default | add-wants | add-requires)
        offered=$(_notifybridge_units list-unit-files)
        ;;
    start | restart | reload-or-restart | isolate | status | logs | show | list-dependencies)
        offered=$(_notifybridge_units list-units --all && _notifybridge_units list-unit-files)
        ;;
    list-units | list-sockets | list-timers | list-paths | critical-chain | *active | *failed | \
        stop | reload | *-restart | reload-or-try-restart | cond* | force-reload | kill)
        offered=$(_notifybridge_units list-units --all)
        ;;
    esac
    [[ ! $offered ]] || COMPREPLY=($(compgen -W "$offered" -- "$cur"))
}

# How many of the words, from number $1 on, are options of $help, with their values. Fails where the
# options are over before the current word.
_notifybridge_skip_options() {
    local -i at=$1
    local word option
    while ((at < cword)); do
        word=${words[at]}
        if [[ $word == -- ]]; then
            operand=$((at + 1))
            return 1
        fi
        if [[ $word != -?* ]]; then
            # send takes its messages between options, and ctl its verb and what that is about.
            if [[ $subcommand == ctl ]]; then
                verb=${verb:-$word}
            fi
            if [[ $subcommand == ctl || $subcommand == send && $word == *=* ]]; then
                at+=1
                continue
            fi
            operand=$at
            return 1
        fi
        at+=1
        for option in $options; do
            # A value that has to be there, and is a word of its own.
            if [[ $option == *=* && $option != *\[=* && ($option == *"$word"=* && $word == --* ||
                $option == "$word"--*) ]]; then
                at+=1
                break
            fi
        done
    done
    operand=$at
}

# Completes the words from $operand on as a command. bash-completion counts words as readline does,
# which takes --option=value for three.
_notifybridge_command() {
    local before joined= IFS=
    local -i offset=0
    before="${words[*]:0:operand}"
    while ((${#joined} < ${#before})); do
        joined+=${COMP_WORDS[offset]}
        offset+=1
    done
    unset IFS
    _command_offset $offset
}

_notifybridge_value() {
    case $1 in
    PATH | DIR*)
        # That of runtime is a program.
        if [[ $subcommand == runtime ]]; then _filedir; else _filedir -d; fi
        ;;
    KEY)
        COMPREPLY=($(compgen -W "READY STATUS RELOADING MONOTONIC_USEC STOPPING ERRNO BUSERROR
            VARLINKERROR EXIT_STATUS WATCHDOG WATCHDOG_USEC EXTEND_TIMEOUT_USEC MAINPID MAINPIDFD
            MAINPIDFDID FDSTORE FDSTOREREMOVE FDNAME FDPOLL NOTIFYACCESS RESTART_RESET X_" \
            -- "$cur"))
        ;;
    MANAGER) COMPREPLY=($(compgen -W "docker" -- "$cur")) ;;
    LEVEL) COMPREPLY=($(compgen -W "error warning notice info debug" -- "$cur")) ;;
    PROBE)
        local others="log: fd: systemd: exit start notify"
        [[ $prev != --alive-when ]] || others=process
        COMPREPLY=($(compgen -W "listen listen: http:// http+unix:// tcp: unix: file: exec: healthy
            $others" -- "$cur"))
        [[ ${COMPREPLY-} == *[a-z] ]] || compopt -o nospace
        ;;
    TARGET)
        COMPREPLY=($(compgen -W "tcp: unix:" -- "$cur"))
        compopt -o nospace
        ;;
    ADDRESS)
        COMPREPLY=($(compgen -W "vsock: unix:" -- "$cur"))
        compopt -o nospace
        ;;
    EVENT) COMPREPLY=($(compgen -W "ready" -- "$cur")) ;;
    HOW) COMPREPLY=($(compgen -W "use ignore both" -- "$cur")) ;;
    TYPE) COMPREPLY=($(compgen -W "service socket target timer path" -- "$cur")) ;;
    STATE)
        COMPREPLY=($(compgen -W "loaded not-found masked error bad-setting active reloading inactive
            failed activating deactivating running exited dead listening enabled disabled static" \
            -- "$cur"))
        ;;
    FORMAT) COMPREPLY=($(compgen -W "json json-pretty" -- "$cur")) ;;
    MODE)
        # That of wrap is another one.
        [[ $subcommand == ctl ]] || return
        COMPREPLY=($(compgen -W "fail replace replace-irreversibly isolate flush ignore-dependencies
            ignore-requirements triggering restart-dependencies" -- "$cur"))
        ;;
    SIGNAL) COMPREPLY=($(compgen -A signal -- "$cur")) ;;
    PART) COMPREPLY=($(compgen -W "full enable-only disable-only" -- "$cur")) ;;
    WHOM) COMPREPLY=($(compgen -W "main control all" -- "$cur")) ;;
    UNIT) COMPREPLY=($(compgen -W "$(_notifybridge_units list-unit-files)" -- "$cur")) ;;
    PID) COMPREPLY=($(compgen -W "auto parent self" -- "$cur")) ;;
    USER) COMPREPLY=($(compgen -u -- "$cur")) ;;
    USER*) _usergroup -u ;;
    esac
}

_notifybridge_operands() {
    case $1 in
    wrap | wait) _notifybridge_command ;;
    run)
        if ((operand < cword)) || [[ $cur == */* ]]; then
            _notifybridge_command
            return
        fi
        COMPREPLY=($(compgen -W "podman docker nerdctl" -- "$cur"))
        ;;
    send)
        # A command follows the ";" of --exec, or --fork.
        if [[ ${words[operand]} == [\\\'\"]\;* ]] && ((operand < cword)); then
            operand+=1
            _notifybridge_command
            return
        fi
        if [[ " ${words[*]:0:operand} " == *" --fork "* ]]; then
            _notifybridge_command
            return
        fi
        COMPREPLY=($(compgen -W "READY=1 RELOADING=1 STOPPING=1 STATUS= ERRNO= EXIT_STATUS=
            WATCHDOG=1 WATCHDOG=trigger WATCHDOG_USEC= EXTEND_TIMEOUT_USEC= MAINPID= X_" \
            -- "$cur"))
        [[ ${COMPREPLY-} == *1 ]] || compopt -o nospace
        ;;
    ctl) _notifybridge_ctl_operands ;;
    status)
        _filedir -d
        COMPREPLY+=($(compgen -W "$(_notifybridge_bridges)" -- "$cur"))
        ;;
    esac
}

_notifybridge() {
    local cur prev words cword split
    _init_completion -s -n : || return

    local program=${words[0]/#\~\//$HOME/} subcommand options option verb=
    local -i operand=0 first=1
    case ${program##*/} in
    container-notify-wrapper) subcommand=wrap ;;
    host-notify-waiter) subcommand=wait ;;
    *)
        if ((cword == 1)); then
            if [[ $cur == -* ]]; then
                COMPREPLY=($(compgen -W "--help --version" -- "$cur"))
            else
                COMPREPLY=($(compgen -W "$(_notifybridge_subcommands "$program")" -- "$cur"))
            fi
            return
        fi
        subcommand=${words[1]}
        if [[ $subcommand == help ]]; then
            ((cword > 2)) ||
                COMPREPLY=($(compgen -W "$(_notifybridge_subcommands "$program")" -- "$cur"))
            return
        fi
        first=2
        ;;
    esac

    if ((first == 2)); then
        options=$(COLUMNS=79 "$program" "$subcommand" --help 2>/dev/null | _notifybridge_options)
    else
        options=$(COLUMNS=79 "$program" --help 2>/dev/null | _notifybridge_options)
    fi
    [[ $options ]] || return

    if ! _notifybridge_skip_options $first; then
        _notifybridge_operands "$subcommand"
        return
    fi
    # An option's value, behind its "=" or as a word of its own.
    if [[ $split == true ]] || ((operand > cword)); then
        for option in $options; do
            if [[ $option == *"$prev"*=* && ($prev == --* && $option == *"$prev"[=[]* ||
                $option == "$prev"--*) ]]; then
                _notifybridge_value "${option##*=}"
                return
            fi
        done
        return
    fi
    if [[ $cur != -* ]]; then
        operand=$cword
        _notifybridge_operands "$subcommand"
        return
    fi
    # Letters and names; those that need a value end in "=".
    local offered=
    for option in $options; do
        [[ $option == --* ]] || offered+=" ${option:0:2}"
        option=--${option#*--}
        case $option in
        *\[=*) offered+=" ${option%%\[*}" ;;
        *=*) offered+=" ${option%%=*}=" ;;
        *) offered+=" $option" ;;
        esac
    done
    COMPREPLY=($(compgen -W "$offered" -- "$cur"))
    [[ ${COMPREPLY-} != *= ]] || compopt -o nospace
} &&
    complete -F _notifybridge notifybridge container-notify-wrapper host-notify-waiter
