import type { CompletedCommand } from './commands.js';

/** A completion script for bash 3.2 and later. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.slice(1).map(({ path }) => `'${path}'`);
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => {
        const patterns = names.map((name) => `'${path}:${name}'`).join('|');
        return `    ${patterns}) ${choices.length === 0 ? 'return' : `words='${choices.join(' ')}'`} ;;`;
      }),
  );
  const words = commands.map(
    ({ path, options, commands: children }) =>
      `      '${path}') words='${[...children.map(({ name }) => name), ...options.flatMap(({ names }) => names)].join(' ')}' ;;`,
  );
  return `# whospeaks in bash; in ~/.bashrc: source <(whospeaks completion bash)
_whospeaks() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
      ${paths.join('|')}) command="$command \${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$command:\${COMP_WORDS[COMP_CWORD - 1]}" in
${values.join('\n')}
  esac
  if [ -z "$words" ]; then
    case "$command" in
${words.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Without a dash, files are offered where no command fits.
  case "$current" in
    -*) ;;
    *) local word kept=()
      for word in "\${COMPREPLY[@]}"; do
        case "$word" in -*) ;; *) kept+=("$word") ;; esac
      done
      COMPREPLY=("\${kept[@]}") ;;
  esac
}
complete -o default -F _whospeaks whospeaks
`;
}
