# Completion of mpcli's command line for fish.

set -l commands list show explain plan run redeem results watch stop

function __mpcli_capabilities
    mpcli --quiet --timeout 2s --format csv list 2>/dev/null | tail -n +2 | cut -d, -f1
end

complete -c mpcli -f
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a list -d 'What the component can measure for us'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a show -d 'Everything about one capability'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a explain -d 'What its parameters and results mean'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a plan -d 'When something would be measured'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a run -d 'Have something measured'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a redeem -d 'Fetch the result of a measurement'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a results -d 'The results so far'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a watch -d 'Show results as they come'
complete -c mpcli -n "not __fish_seen_subcommand_from $commands" -a stop -d 'Have a measurement stopped'
complete -c mpcli -n "__fish_seen_subcommand_from show explain plan run" -a '(__mpcli_capabilities)'

complete -c mpcli -l url -x -d 'Where the capabilities of a component are'
complete -c mpcli -l url-file -r -F -d 'A file with URLs'
complete -c mpcli -l parallel -x -d 'How many components are asked at once'
complete -c mpcli -l tls-ca -r -F -d 'Whom to believe'
complete -c mpcli -l tls-cert -r -F -d 'Our certificate'
complete -c mpcli -l tls-key -r -F -d 'Its private key'
complete -c mpcli -l config -r -F -d 'A file of defaults'
complete -c mpcli -l profile -x -d 'Which of its profiles counts'
complete -c mpcli -l link-host -x -d 'A host that links may lead to'
complete -c mpcli -l registry -r -F -d 'A registry of elements'
complete -c mpcli -l format -x -a 'table json ndjson csv prometheus' -d 'How the answer is written'
complete -c mpcli -l timeout -x -d 'How long to wait at most'
complete -c mpcli -s q -l quiet -d 'Say nothing but the answer and errors'
complete -c mpcli -s v -l verbose -d 'Say what is asked of whom'
complete -c mpcli -l version -d 'Show the version'
complete -c mpcli -s h -l help -d 'Show the options'
complete -c mpcli -n "__fish_seen_subcommand_from plan run" -l when -x -d 'The time of the measurement'
complete -c mpcli -n "__fish_seen_subcommand_from plan run" -l repeat -x -d 'Measure again and again'
complete -c mpcli -n "__fish_seen_subcommand_from plan run" -l for -x -d 'How long it goes on'
complete -c mpcli -n "__fish_seen_subcommand_from plan run" -l label -x -d 'A name for the measurement'
complete -c mpcli -n "__fish_seen_subcommand_from plan run" -l metadata -x -d 'What goes with it'
complete -c mpcli -n "__fish_seen_subcommand_from plan" -l starts -x -d 'How many starts to show'
complete -c mpcli -n "__fish_seen_subcommand_from run" -l no-wait -d 'Print the token, do not wait'
complete -c mpcli -n "__fish_seen_subcommand_from run redeem results watch" -l summary -d 'Figures instead of the rows'
