import { byId } from './dom.js';

/**
 * Plays the file that was sent, from the user's own disk. After a reload the page has it no more, and asks for it when it is
 * to be played.
 */
export class RecordingPlayer {
  private readonly audio = byId('whole-audio', HTMLAudioElement);
  private wanted: number | undefined;

  constructor(
    onPosition: (seconds: number | undefined) => void,
    private readonly onTrouble: (error: Error) => void,
  ) {
    this.audio.addEventListener('timeupdate', () => {
      onPosition(this.audio.paused ? undefined : this.audio.currentTime);
    });
    this.audio.addEventListener('pause', () => {
      onPosition(undefined);
    });
    this.audio.addEventListener('error', () => {
      if (this.audio.hasAttribute('src')) onTrouble(new Error('This browser cannot play the recording.'));
    });
  }

  open(file: File): void {
    this.close();
    this.audio.src = URL.createObjectURL(file);
    this.audio.hidden = false;
  }

  /** From a moment on. */
  play(seconds: number, name: string): void {
    if (!this.audio.hasAttribute('src')) {
      this.wanted = seconds;
      this.ask(name);
      return;
    }
    this.audio.currentTime = seconds;
    this.audio.play().catch((error: unknown) => {
      // Another position was chosen meanwhile, or "error" has said why.
      if (!(error instanceof DOMException)) throw error;
    });
  }

  close(): void {
    const { src } = this.audio;
    this.audio.pause();
    this.audio.removeAttribute('src');
    this.audio.hidden = true;
    if (src !== '') URL.revokeObjectURL(src);
  }

  private ask(name: string): void {
    this.onTrouble(new Error(`The page keeps no sound over a reload: choose ${name} again to hear it.`));
    const picker = document.createElement('input');
    picker.type = 'file';
    picker.accept = 'audio/*,video/*';
    picker.addEventListener('change', () => {
      const file = picker.files?.[0];
      if (file === undefined) return;
      this.open(file);
      if (this.wanted !== undefined) this.play(this.wanted, name);
    });
    picker.click();
  }
}
