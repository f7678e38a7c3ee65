/** How the help of one command is laid out. */
export interface CommandLayout {
  /** Long names of the options that nobody needs on the first day. */
  readonly expert?: readonly string[];
  /** The command itself is one that nobody needs on the first day. */
  readonly isExpert?: true;
  /** What else there is to know, behind the options. */
  readonly note?: string;
  readonly examples?: readonly Example[];
}

export interface Example {
  readonly does: string;
  /** What is typed. */
  readonly line: string;
}

const example = (does: string, line: string): Example => ({ does, line });

/** Options that experts alone need, whatever the command. */
export const EXPERT_OPTIONS: readonly string[] = [
  '--engine',
  '--precision',
  '--threads',
  '--store',
  '--key-file',
];

/** By command, as it is typed behind `whospeaks`; the program itself is the empty one. */
export const LAYOUT: Readonly<Record<string, CommandLayout>> = {
  '': {
    examples: [
      example(
        'name two speakers in a recording',
        'whospeaks listen meeting.wav --enroll alice.wav --enroll bob.wav',
      ),
      example('save a speaker', 'whospeaks speakers add alice alice.wav'),
      example('name the saved speakers at the microphone', 'whospeaks listen --mic'),
    ],
  },
  listen: {
    expert: [
      ...['--realtime', '--encoding', '--rate', '--channels'],
      ...['--false-accept-rate', '--threshold', '--adapt', '--calibration', '--latency', '--segmentation'],
    ],
    examples: [
      example(
        'name two speakers in a recording',
        'whospeaks listen meeting.wav --enroll alice.wav --enroll bob=b1.wav,b2.wav',
      ),
      example('the saved speakers, at the microphone', 'whospeaks listen --mic'),
      example(
        'anything that ffmpeg reads, as events',
        'ffmpeg -v error -i call.mkv -f s16le -ac 1 -ar 16000 - | whospeaks listen - --json',
      ),
      example('save an unknown speaker under a name', 'whospeaks listen meeting.wav --name unknown-1=dana'),
    ],
  },
  words: {
    examples: [
      example(
        'who said what, of a transcript that whisper.cpp wrote',
        'whospeaks words meeting.json meeting.wav --enroll alice.wav',
      ),
      example(
        'captions and minutes, as files',
        'whospeaks words meeting.json meeting.wav --saved --format vtt,md --out-dir out',
      ),
    ],
  },
  diarize: {
    expert: ['--jobs'],
    examples: [
      example('who spoke when, and for how long', 'whospeaks diarize meeting.wav --enroll alice.wav'),
      example('a call with a person on each channel', 'whospeaks diarize call.wav --split-channels'),
      example('captions of two speakers', 'whospeaks diarize call.mp3 --speakers 2 --format vtt > call.vtt'),
      example(
        'a folder of recordings; run it again to continue after a stop',
        'whospeaks diarize recordings/ --format rttm,json --out-dir transcripts --skip-existing',
      ),
    ],
  },
  serve: {
    note: 'SIGHUP reloads tokens, certificates, allowed origins and the log level; SIGTERM and Ctrl-C drain.',
    expert: [
      ...['--base-path', '--allowed-origins', '--latency-seconds', '--max-streams'],
      ...['--trash-days', '--keep-audio-days', '--store-key-file'],
      ...['--drain-seconds', '--log-level', '--log-format'],
    ],
    examples: [
      example('a page at http://127.0.0.1:7979', 'whospeaks serve'),
      example(
        'for other machines, with tokens and TLS',
        'whospeaks serve --host 0.0.0.0 --tokens-file tokens.json --tls-cert cert.pem --tls-key key.pem',
      ),
    ],
  },
  token: { isExpert: true },
  'token add': {
    examples: [
      example(
        'a token for the group "sales", for a month',
        'whospeaks token add --file tokens.json --group sales --expires 30d',
      ),
    ],
  },
  'token list': { examples: [example('which there are', 'whospeaks token list --file tokens.json')] },
  'token revoke': {
    examples: [example('hang up whoever uses it', 'whospeaks token revoke sales-1 --file tokens.json')],
  },
  health: {
    isExpert: true,
    examples: [
      example('whether `serve` with the same settings takes streams', 'whospeaks health --port 7979'),
    ],
  },
  'speakers add': {
    expert: ['--model'],
    examples: [
      example('from two recordings', 'whospeaks speakers add alice a1.wav a2.wav'),
      example('another recording of a saved speaker', 'whospeaks speakers add alice a3.wav --append'),
      example('at the microphone', 'whospeaks speakers add alice --mic'),
    ],
  },
  'speakers list': { examples: [example('who is saved', 'whospeaks speakers list')] },
  'speakers show': { examples: [example('all that is known of one', 'whospeaks speakers show alice')] },
  'speakers rename': { examples: [example('another name', 'whospeaks speakers rename dana "Dana Doe"')] },
  'speakers undo': {
    examples: [example('forget what `listen --adapt` learnt', 'whospeaks speakers undo alice')],
  },
  'speakers remove': {
    examples: [
      example('remove a speaker', 'whospeaks speakers remove alice'),
      example('so that nothing is left', 'whospeaks speakers remove alice --erase'),
    ],
  },
  'speakers restore': { examples: [example('bring one back', 'whospeaks speakers restore alice')] },
  'speakers upgrade': {
    examples: [
      example(
        'for a model that was changed',
        'whospeaks speakers upgrade --model wespeaker-voxceleb-resnet34-LM',
      ),
    ],
  },
  'speakers audit': { examples: [example('who changed whom', 'whospeaks speakers audit --json')] },
  'speakers export': {
    examples: [example('all speakers, for another machine', 'whospeaks speakers export team.json')],
  },
  'speakers copy': {
    examples: [
      example(
        'from a folder to a fleet, without writing',
        'whospeaks speakers copy --from ./speakers --to nats://127.0.0.1:4222/voices --dry-run',
      ),
    ],
  },
  'speakers import': {
    examples: [example('speakers of another machine', 'whospeaks speakers import team.json --skip')],
  },
  'speakers rotate-key': {
    examples: [
      example('a new key for all that is saved', 'whospeaks speakers rotate-key --key-file keys.txt'),
    ],
  },
  compare: {
    isExpert: true,
    expert: ['--model', '--false-accept-rate'],
    examples: [example('is it one person?', 'whospeaks compare a.wav b.wav')],
  },
  embed: {
    isExpert: true,
    expert: ['--model'],
    examples: [example('one vector, as JSON', 'whospeaks embed alice.wav')],
  },
  calibrate: {
    isExpert: true,
    examples: [
      example(
        'a folder of recordings for each speaker',
        'whospeaks calibrate recordings/ --out calibration.json',
      ),
      example('use it', 'whospeaks listen meeting.wav --calibration calibration.json'),
    ],
  },
  evaluate: { isExpert: true },
  'evaluate trials': {
    examples: [
      example('equal error rate, and its curve', 'whospeaks evaluate trials list.txt --svg det.svg'),
    ],
  },
  'evaluate diarization': {
    examples: [
      example('who spoke when, against the truth', 'whospeaks evaluate diarization truth.rttm meeting.rttm'),
    ],
  },
  'evaluate events': {
    examples: [
      example(
        'events of a recording',
        'whospeaks listen meeting.wav --enroll alice.wav --json > meeting.jsonl',
      ),
      example('against the truth', 'whospeaks evaluate events meeting.jsonl truth.rttm --enrolled alice'),
    ],
  },
  simulate: {
    isExpert: true,
    examples: [
      example(
        'five minutes of four speakers',
        'whospeaks simulate talk --voices recordings/ --speakers 4 --seconds 300',
      ),
    ],
  },
  doctor: { examples: [example('what runs the network here', 'whospeaks doctor')] },
  'mic list': { examples: [example('input devices', 'whospeaks mic list')] },
  'mic doctor': { examples: [example('why there is no sound', 'whospeaks mic doctor --device 2')] },
  model: { isExpert: true },
  'model pull': {
    examples: [example('a stronger model', 'whospeaks model pull wespeaker-voxceleb-resnet34-LM')],
  },
  'model info': { examples: [example('the bundled model', 'whospeaks model info')] },
  'model convert': {
    examples: [example('from PyTorch', 'whospeaks model convert avg_model.pt model.safetensors')],
  },
  'model list': { examples: [example('known models', 'whospeaks model list')] },
  completion: {
    isExpert: true,
    examples: [
      example('in ~/.bashrc', 'source <(whospeaks completion bash)'),
      example('in ~/.zshrc, behind compinit', 'source <(whospeaks completion zsh)'),
      example('once', 'whospeaks completion fish > ~/.config/fish/completions/whospeaks.fish'),
    ],
  },
};
