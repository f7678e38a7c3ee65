import { byId } from './dom.js';
import { download } from './download.js';
import { wordsOf } from './enrol-view.js';
import type { SpeakerFiles } from './service.js';

/** All voices saved as one file, and voices read from one. */
export class VoiceFiles {
  private readonly file = byId('voices-file', HTMLInputElement);
  private readonly outcome = byId('voices-outcome', HTMLParagraphElement);

  constructor(
    private readonly files: SpeakerFiles,
    private readonly onRead: () => void,
  ) {
    byId('voice-files', HTMLDivElement).hidden = false;
    byId('voices-export', HTMLButtonElement).addEventListener('click', () => {
      void this.tell(async () => {
        download(await files.export(), 'whospeaks-voices.json', 'application/json');
        return 'Saved. The file is not encrypted: keep it where nobody else reads it.';
      });
    });
    byId('voices-import', HTMLButtonElement).addEventListener('click', () => {
      this.file.click();
    });
    this.file.addEventListener('change', () => {
      const file = this.file.files?.[0];
      this.file.value = '';
      if (file !== undefined) void this.tell(() => this.read(file));
    });
  }

  private async read(file: File): Promise<string> {
    const names = await this.files.import(file);
    this.onRead();
    return names.length === 0 ? 'All of these voices are here already.' : `Read: ${names.join(', ')}.`;
  }

  private async tell(action: () => Promise<string>): Promise<void> {
    try {
      this.outcome.textContent = await action();
      this.outcome.dataset['kind'] = 'good';
    } catch (error) {
      this.outcome.textContent = wordsOf(error);
      this.outcome.dataset['kind'] = 'bad';
    }
  }
}
