# zsh_offers.zsh DIRECTORY DUMP LINE
#
# Prints the words that an interactive zsh, with the completion functions in DIRECTORY, offers for
# the last word of LINE: "HIT:WORD" for each offer. The shell runs on its own terminal. Every offer
# goes through compadd, which is replaced by a function that prints its arguments. The first call
# writes the list of all completion functions to the file DUMP. Later calls start much faster with it.

zmodload zsh/zpty || exit
zpty shell zsh -f -i

# Calls of compadd with -O, -A or -D only query the matches.
set_up=(
  "fpath=($1 \$fpath) PROMPT="
  'stty -echo'
  "autoload -Uz compinit && compinit -C -u -d $2"
  'compadd () {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
      builtin compadd "$@"
      return
    fi
    local -a words
    builtin compadd -A words "$@"
    (( $#words )) && printf "HIT:%s\n" $words
    builtin compadd "$@"
  }'
  'zstyle ":completion:*" insert-tab false'
  'zle -C complete-word{,} complete-word'
  'complete-word () { print BEGIN; _main_complete; print END; exit }'
  'bindkey "^I" complete-word'
  # Text that is typed before the line editor has the terminal may be lost. So wait for a text that
  # differs from the echo of the command.
  'zle-line-init () { print REA""DY }; zle -N zle-line-init'
)
for line in $set_up; do
  zpty -w shell $line
done
zpty -r shell seen '*READY*'
zpty -w -n shell "$3"$'\t'
zpty -r shell seen '*BEGIN*END*'
print -r -- $seen
