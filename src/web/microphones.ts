import { byId } from './dom.js';

const KEY = 'whospeaks-microphone';

/** The choice of a microphone; kept in this browser. Their names are told once one was allowed. */
export class Microphones {
  private readonly select = byId('microphone', HTMLSelectElement);

  constructor() {
    const devices = this.devices();
    if (devices === undefined) {
      this.select.disabled = true;
      return;
    }
    devices.addEventListener('devicechange', () => void this.refresh());
    this.select.addEventListener('change', () => {
      localStorage.setItem(KEY, this.select.value);
    });
    void this.refresh();
  }

  /** What was chosen, where it is there; else the browser's default. */
  get deviceId(): string | undefined {
    return this.select.value === '' ? undefined : this.select.value;
  }

  /** What the choice is called. */
  get label(): string {
    return this.select.selectedOptions[0]?.textContent ?? 'Microphone';
  }

  /** Ask the browser again which there are. */
  async refresh(): Promise<void> {
    const found = (await this.devices()?.enumerateDevices()) ?? [];
    const inputs = found.filter(
      ({ kind, deviceId }) => kind === 'audioinput' && deviceId !== '' && deviceId !== 'default',
    );
    const options = inputs.map(
      ({ deviceId, label }, i) => new Option(label || `Microphone ${i + 1}`, deviceId),
    );
    this.select.replaceChildren(new Option('Default microphone', ''), ...options);
    const chosen = localStorage.getItem(KEY) ?? '';
    if (inputs.some(({ deviceId }) => deviceId === chosen)) this.select.value = chosen;
  }

  /** Absent in a page that is not served securely, whatever its type says. */
  private devices(): MediaDevices | undefined {
    return (navigator as Partial<Navigator>).mediaDevices;
  }
}
