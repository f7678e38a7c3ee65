export type MicrophoneTrouble = 'module-missing' | 'no-device' | 'all-zero' | 'will-not-open' | 'overflow';

type Advice = Partial<Record<NodeJS.Platform, string>> & { readonly other: string };

const ADVICE: Record<MicrophoneTrouble, Advice> = {
  'module-missing': {
    linux:
      'run "apt-get install build-essential python3" (or the like) and then "npm install naudiodon"; npm 12 also asks you to allow its install script',
    darwin:
      'run "xcode-select --install" and then "npm install naudiodon"; it brings no library for Apple silicon, so run an x64 Node there or pass another capture backend',
    win32:
      'install the Visual Studio C++ build tools and then run "npm install naudiodon"; npm 12 also asks you to allow its install script',
    other: 'run "npm install naudiodon", or pass another capture backend',
  },
  'no-device': {
    linux:
      'plug one in and look at "arecord -l" and "pactl list sources short"; in a container, share the sound server with it',
    darwin: 'plug one in and look at System Settings > Sound > Input',
    win32: 'plug one in and look at Settings > System > Sound > Input',
    other: 'plug one in and check the sound settings',
  },
  'all-zero': {
    linux:
      'unmute it: "pactl set-source-mute @DEFAULT_SOURCE@ 0", or alsamixer; check that the right source is the default',
    darwin: 'allow your terminal in System Settings > Privacy & Security > Microphone, then start it again',
    win32:
      'turn on "Let desktop apps access your microphone" in Settings > Privacy & security > Microphone, and unmute it',
    other: 'allow access to the microphone and unmute it',
  },
  'will-not-open': {
    linux: 'another program may hold it: "fuser -v /dev/snd/*"; or try another device or rate',
    darwin: 'close other programs that use it, and check System Settings > Privacy & Security > Microphone',
    win32: 'close other programs that use it, and turn off exclusive mode in its properties',
    other: 'close other programs that use it, or try another device',
  },
  overflow: { other: 'the machine is too busy to keep up: close other programs, or capture at a lower rate' },
};

/** What to do about a microphone that does not work, on this operating system. */
export function microphoneAdvice(
  trouble: MicrophoneTrouble,
  platform: NodeJS.Platform = process.platform,
): string {
  return ADVICE[trouble][platform] ?? ADVICE[trouble].other;
}
