import type { CompletedCommand } from './commands.js';

/** A completion script for zsh, behind `compinit`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.slice(1).map(({ path }) => `'${path}'`);
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices }) => {
        const patterns = names.map((name) => `'${path}:${name}'`).join('|');
        return `    (${patterns}) ${choices.length === 0 ? '_files' : `compadd -- ${choices.join(' ')}`}; return ;;`;
      }),
  );
  const described = (items: readonly { name: string; description: string }[]): string =>
    items.map(({ name, description }) => `'${name}:${description}'`).join(' ');
  const lists = commands.map(({ path, options, commands: children }) => {
    const flags = options.flatMap(({ names, description }) => names.map((name) => ({ name, description })));
    return `    ('${path}') commands=(${described(children)}); options=(${described(flags)}) ;;`;
  });
  return `#compdef whospeaks
# whospeaks in zsh; in ~/.zshrc, behind compinit: source <(whospeaks completion zsh)
_whospeaks() {
  local command='' i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    case "$command \${words[i]}" in
      (${paths.join('|')}) command="$command \${words[i]}" ;;
    esac
  done
  case "$command:\${words[CURRENT - 1]}" in
${values.join('\n')}
  esac
  case "$command" in
${lists.join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
if [[ $funcstack[1] == _whospeaks ]]; then
  _whospeaks "$@"
else
  compdef _whospeaks whospeaks
fi
`;
}
