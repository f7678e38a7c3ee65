import type { CompletedCommand, CompletedOption } from './commands.js';

/** A completion script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.slice(1).map(({ path }) => `'${path}'`);
  const lines = commands.flatMap(({ path, options, commands: children }) => {
    const here = `complete -c whospeaks -n '__whospeaks_at "${path}"'`;
    // Files are no command.
    const first = children.length > 0 ? [`${here} -f`] : [];
    return [
      ...first,
      ...children.map(({ name, description }) => `${here} -a '${name}' -d '${description}'`),
      ...options.map((option) => `${here} ${flagsOf(option)} -d '${option.description}'`),
    ];
  });
  return `# whospeaks in fish: whospeaks completion fish > ~/.config/fish/completions/whospeaks.fish
function __whospeaks_at
  set -l command ''
  for word in (commandline -opc)[2..-1]
    if contains -- "$command $word" ${paths.join(' ')}
      set command "$command $word"
    end
  end
  test "$command" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function flagsOf({ names, takesValue, choices }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const value = !takesValue ? [] : choices.length === 0 ? ['-r', '-F'] : ['-x', `-a '${choices.join(' ')}'`];
  return [...flags, ...value].join(' ');
}
