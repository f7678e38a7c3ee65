/**
 * A call whose participants are labelled with who speaks there: one stream for each remote track, for behind a track may sit one
 * person or a whole room. Tabs of one browser call each other, so that it needs no server; in a real call the messages of
 * `channel` go through yours. docs/browser-page.md says how to build it.
 */
import {
  assetsIn,
  BrowserStore,
  enroll,
  fromFile,
  fromTrack,
  identify,
  SpeakerModel,
  type IdentifyEvent,
} from 'whospeaks/browser';

type Message =
  | { readonly type: 'join' | 'leave' }
  | { readonly type: 'description'; readonly description: RTCSessionDescriptionInit }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit };

const channel = new BroadcastChannel('whospeaks-call');
const me = crypto.randomUUID();
const peers = new Map<string, RTCPeerConnection>();
const store = new BrowserStore();
const loading = SpeakerModel.fromPretrained({ assets: assetsIn('.') });

const element = (id: string): HTMLElement => document.getElementById(id)!;
const complain = (error: unknown): void => {
  element('trouble').textContent = error instanceof Error ? error.message : String(error);
};
const say = (to: string, message: Message): void => {
  channel.postMessage({ from: me, to, message });
};

element('enrol').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = (element('name') as HTMLInputElement).value;
  const file = (element('voice') as HTMLInputElement).files![0]!;
  void (async () => {
    await store.put(await enroll(await loading, { name, sources: [fromFile(file)] }), { replaces: name });
    await showEnrolled();
  })().catch(complain);
});

element('join').addEventListener('click', () => {
  (element('join') as HTMLButtonElement).disabled = true;
  join().catch(complain);
});

async function join(): Promise<void> {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  channel.onmessage = ({ data }: MessageEvent<{ from: string; to: string; message: Message }>) => {
    const { from, to, message } = data;
    if (to === me || to === 'everybody') answer(from, message, microphone).catch(complain);
  };
  say('everybody', { type: 'join' });
  addEventListener('pagehide', () => {
    say('everybody', { type: 'leave' });
  });
}

async function answer(from: string, message: Message, microphone: MediaStream): Promise<void> {
  if (message.type === 'leave') {
    peers.get(from)?.close();
    peers.delete(from);
    return;
  }
  const peer = peers.get(from) ?? connectTo(from, microphone);
  if (message.type === 'candidate') {
    await peer.addIceCandidate(message.candidate);
    return;
  }
  // Whoever was there first calls whoever has joined.
  if (message.type === 'description') {
    await peer.setRemoteDescription(message.description);
    if (message.description.type === 'answer') return;
  }
  await peer.setLocalDescription();
  say(from, { type: 'description', description: peer.localDescription!.toJSON() });
}

function connectTo(participant: string, microphone: MediaStream): RTCPeerConnection {
  const peer = new RTCPeerConnection();
  peers.set(participant, peer);
  for (const track of microphone.getTracks()) peer.addTrack(track, microphone);
  peer.onicecandidate = ({ candidate }) => {
    if (candidate !== null) say(participant, { type: 'candidate', candidate: candidate.toJSON() });
  };
  peer.ontrack = ({ track }) => {
    label(participant, track).catch(complain);
  };
  return peer;
}

/** Who speaks on this track, now and so far. */
async function label(participant: string, track: MediaStreamTrack): Promise<void> {
  const [now, turns, row] = ['strong', 'ol', 'li'].map((tag) => document.createElement(tag));
  row!.dataset['participant'] = participant;
  now!.textContent = 'nobody';
  row!.append('Speaking: ', now!, turns!);
  element('participants').append(row!);
  const [model, { profiles }] = await Promise.all([loading, store.list()]);
  // Those whom another network enrolled cannot be compared.
  const speakers = profiles.filter((profile) => profile.model.fingerprint === model.fingerprint);
  identify(fromTrack(track), { model, speakers }).subscribe({
    next: (event: IdentifyEvent) => {
      if (event.type === 'tentative') now!.textContent = event.speaker;
      if (event.type === 'silence') now!.textContent = 'nobody';
      if (event.type === 'final') turns!.append(listItem(event.speaker));
    },
    error: complain,
    complete: () => {
      now!.textContent = 'left the call';
    },
  });
}

function listItem(text: string): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

async function showEnrolled(): Promise<void> {
  const { profiles } = await store.list();
  element('enrolled').textContent = profiles.map(({ name }) => name).join(', ') || 'nobody';
}

showEnrolled().catch(complain);
