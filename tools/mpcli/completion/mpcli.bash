# Completion of mpcli's command line for bash.

# What the component offers, when it answers soon.
_mpcli_capabilities() {
  local option words=()
  for ((option = 1; option < COMP_CWORD; option++)); do
    case ${COMP_WORDS[option]} in
      --url | --url-file | --config | --profile | --tls-ca | --tls-cert | --tls-key)
        words+=("${COMP_WORDS[option]}" "${COMP_WORDS[option + 1]}") ;;
    esac
  done
  mpcli "${words[@]}" --quiet --timeout 2s --format csv list 2>/dev/null | tail -n +2 | cut -d, -f1
}

_mpcli() {
  local commands='list show explain plan run redeem results watch stop'
  local everywhere='--url --url-file --parallel --tls-ca --tls-cert --tls-key --config --profile
    --link-host --registry --format --timeout --quiet --verbose --version --help'
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local word command='' options=$everywhere
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " $commands " in *" $word "*) command=$word ;; esac
  done
  case $command in
    plan) options+=' --when --repeat --for --label --metadata --starts' ;;
    run) options+=' --when --repeat --for --label --metadata --no-wait --summary' ;;
    redeem | results | watch) options+=' --summary' ;;
  esac
  case $previous in
    --format)
      mapfile -t COMPREPLY < <(compgen -W 'table json ndjson csv prometheus' -- "$current")
      return ;;
    --url-file | --tls-ca | --tls-cert | --tls-key | --config)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return ;;
    --url | --parallel | --profile | --link-host | --registry | --timeout | --when | --repeat | \
      --for | --label | --metadata | --starts)
      return ;;
    show | explain | plan | run)
      if [[ $current != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_mpcli_capabilities)" -- "$current")
        return
      fi ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
  fi
}

complete -F _mpcli mpcli
